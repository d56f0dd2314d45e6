import { clsx } from 'clsx';
import { CircleAlert, CircleCheck, X } from 'lucide-react';
import { type ReactNode, useEffect, useState, useSyncExternalStore } from 'react';

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

function remove(id: number): void {
  set(messages.filter((message) => message.id !== id));
}

/** Where {@link toast} is shown; once, in the shell. The regions are there before their first message, or it is not read. */
export function Toaster() {
  const shown = useSyncExternalStore(subscribe, () => messages);
  const linesOf = (failed: boolean): ReactNode =>
    shown.filter((message) => message.failed === failed).map((message) => <Line key={message.id} message={message} />);
  return (
    <div className="fixed inset-x-3 bottom-[calc(4.5rem+env(safe-area-inset-bottom))] z-60 in-[body:has([data-action-bar])]:bottom-48 sm:right-5 sm:left-auto sm:w-96 lg:bottom-5 lg:in-[body:has([data-action-bar])]:bottom-24">
      <div aria-live="polite">{linesOf(false)}</div>
      <div aria-live="assertive">{linesOf(true)}</div>
    </div>
  );
}

/** Goes by itself, unless somebody is at it. */
function Line({ message: { id, text, failed } }: { readonly message: Message }) {
  const [held, setHeld] = useState(false);
  useEffect(() => {
    if (held) return;
    const timer = setTimeout(() => remove(id), failed ? failedMs : shownMs);
    return () => clearTimeout(timer);
  }, [held, id, failed]);
  const Icon = failed ? CircleAlert : CircleCheck;
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: nothing is done by it, it only waits
    <div
      onPointerEnter={() => setHeld(true)}
      onPointerLeave={() => setHeld(false)}
      onFocus={() => setHeld(true)}
      onBlur={() => setHeld(false)}
      className="pointer-events-auto mt-2 flex animate-dialog items-start gap-2.5 rounded-xl border border-line bg-raised px-3.5 py-2.5 shadow-pop"
    >
      <Icon className={clsx('mt-0.5 size-4 shrink-0', failed ? 'text-bad' : 'text-ok')} aria-hidden="true" />
      <p className={clsx('min-w-0 flex-1 text-sm break-words', failed && 'text-bad')}>{text}</p>
      <button
        type="button"
        aria-label="Dismiss"
        onClick={() => remove(id)}
        className="-mt-1 -mr-1.5 rounded-md p-1 text-muted hover:bg-hover hover:text-text"
      >
        <X className="size-4" aria-hidden="true" />
      </button>
    </div>
  );
}
