import { AlertDialog } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { problemText } from '../api/api-problem.ts';
import { buttonClass } from './button.tsx';
import { useReturnFocus } from './use-return-focus.ts';

export interface ConfirmProps {
  readonly open: boolean;
  readonly onOpenChange: (open: boolean) => void;
  readonly title: string;
  /** What will end, and for whom. */
  readonly children: ReactNode;
  /** The verb on the button, such as `Stop stream`. */
  readonly action: string;
  readonly destructive?: boolean;
  /** Closes the dialog when it resolves; what it rejects with is shown in it. */
  readonly onConfirm: () => Promise<unknown>;
}

/** Asks before something is done that cannot be undone. */
export function Confirm({ open, onOpenChange, title, children, action, destructive = true, onConfirm }: ConfirmProps) {
  const focus = useReturnFocus();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const change = (next: boolean): void => {
    if (busy) return;
    setProblem(undefined);
    onOpenChange(next);
  };
  const confirm = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      await onConfirm();
      onOpenChange(false);
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <AlertDialog.Root open={open} onOpenChange={change}>
      <AlertDialog.Portal>
        <AlertDialog.Overlay className="fixed inset-0 z-40 animate-overlay bg-black/45" />
        <AlertDialog.Content
          {...focus}
          className="fixed inset-x-3 bottom-3 z-50 animate-dialog rounded-2xl border border-line bg-raised p-5 shadow-pop sm:top-1/2 sm:right-auto sm:bottom-auto sm:left-1/2 sm:w-full sm:max-w-md sm:-translate-1/2"
        >
          <AlertDialog.Title className="text-lg font-semibold">{title}</AlertDialog.Title>
          <AlertDialog.Description asChild>
            <div className="mt-2 text-sm text-muted">{children}</div>
          </AlertDialog.Description>
          {problem !== undefined && (
            <p role="alert" className="mt-3 rounded-lg bg-bad/10 px-3 py-2 text-sm text-bad">
              {problem}
            </p>
          )}
          <div className="mt-5 flex justify-end gap-2">
            <AlertDialog.Cancel className={buttonClass()} disabled={busy}>
              Cancel
            </AlertDialog.Cancel>
            <button
              type="button"
              className={buttonClass({ variant: destructive ? 'danger' : 'primary' })}
              disabled={busy}
              onClick={() => void confirm()}
            >
              {busy ? 'Working…' : action}
            </button>
          </div>
        </AlertDialog.Content>
      </AlertDialog.Portal>
    </AlertDialog.Root>
  );
}
