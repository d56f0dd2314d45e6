import type { ReactNode } from 'react';

export interface ActionBarProps {
  /** What it is about, for screen readers. */
  readonly label: string;
  /** What is to be done with what. */
  readonly text: ReactNode;
  /** Something went wrong: it is read out. */
  readonly alert?: boolean;
  /** Buttons. */
  readonly children: ReactNode;
}

/** Stays at the lower edge of the window while something waits to be done: saved, stopped. */
export function ActionBar({ label, text, alert = false, children }: ActionBarProps) {
  return (
    <section
      aria-label={label}
      // Messages stand above it.
      data-action-bar=""
      className="sticky bottom-18 z-20 mt-4 flex animate-dialog flex-wrap items-center gap-x-4 gap-y-2.5 rounded-xl border border-line bg-raised px-4 py-3 shadow-pop lg:bottom-4"
    >
      <p className="min-w-0 flex-1 basis-52 text-base" role={alert ? 'alert' : undefined}>
        {text}
      </p>
      <div className="ml-auto flex gap-2">{children}</div>
    </section>
  );
}
