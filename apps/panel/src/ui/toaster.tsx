import { clsx } from 'clsx';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { Toast } from 'radix-ui';
import { useSyncExternalStore } from 'react';

const shownMs = 5_000;
/** A failure is read twice, and may come while one looks elsewhere. */
const failedMs = 20_000;

interface Message {
  readonly id: number;
  readonly text: string;
  readonly failed: boolean;
}

let messages: readonly Message[] = [];
let lastId = 0;
const listeners = new Set<() => void>();

function set(next: readonly Message[]): void {
  messages = next;
  for (const listener of listeners) listener();
}

/** Says for some seconds what was done, or that it failed. Screen readers hear it. */
export function toast(text: string, { failed = false }: { readonly failed?: boolean } = {}): void {
  lastId += 1;
  set([...messages.slice(-2), { id: lastId, text, failed }]);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Where {@link toast} is shown; once, in the shell. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => messages);
  return (
    <Toast.Provider swipeDirection="down" label="Message">
      {shown.map(({ id, text, failed }) => (
        <Toast.Root
          key={id}
          type={failed ? 'foreground' : 'background'}
          duration={failed ? failedMs : shownMs}
          onOpenChange={(open) => !open && set(messages.filter((message) => message.id !== id))}
          className="flex animate-dialog items-start gap-2.5 rounded-xl border border-line bg-raised px-3.5 py-2.5 shadow-pop"
        >
          {failed ? (
            <CircleAlert className="mt-0.5 size-4 shrink-0 text-bad" aria-hidden="true" />
          ) : (
            <CircleCheck className="mt-0.5 size-4 shrink-0 text-ok" aria-hidden="true" />
          )}
          <Toast.Description className={clsx('min-w-0 flex-1 text-sm break-words', failed && 'text-bad')}>
            {text}
          </Toast.Description>
          <Toast.Close
            className="-mt-1 -mr-1.5 rounded-md p-1 text-muted hover:bg-hover hover:text-text"
            aria-label="Dismiss"
          >
            <X className="size-4" aria-hidden="true" />
          </Toast.Close>
        </Toast.Root>
      ))}
      <Toast.Viewport className="fixed inset-x-3 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-60 flex flex-col gap-2 outline-none sm:right-5 sm:left-auto sm:w-96 lg:bottom-5" />
    </Toast.Provider>
  );
}
