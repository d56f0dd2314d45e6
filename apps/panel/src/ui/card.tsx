import { clsx } from 'clsx';
import { type ReactNode, useId } from 'react';

export interface CardProps {
  readonly title?: ReactNode;
  /** One line under the title. */
  readonly hint?: ReactNode;
  /** Right of the title. */
  readonly actions?: ReactNode;
  /** Without inner padding, for tables and lists. */
  readonly flush?: boolean;
  readonly className?: string;
  readonly children: ReactNode;
}

/** A titled part of a page; a landmark of its own for screen readers. */
export function Card({ title, hint, actions, flush = false, className, children }: CardProps) {
  const id = useId();
  return (
    <section className={clsx('card flex min-w-0 flex-col', className)} {...(title ? { 'aria-labelledby': id } : {})}>
      {title !== undefined && (
        <header className="flex min-h-12 flex-wrap items-center gap-x-3 gap-y-1 px-4 pt-3 pb-2">
          {/* Beside a hint, what does not fit goes below. */}
          <div className={clsx('min-w-0 flex-1', hint !== undefined && 'basis-52')}>
            <h2 id={id} className="text-base font-semibold wrap-anywhere">
              {title}
            </h2>
            {hint !== undefined && <p className="text-sm text-muted">{hint}</p>}
          </div>
          {actions}
        </header>
      )}
      <div className={clsx('min-w-0 flex-1', !flush && 'px-4 pb-4', !flush && title === undefined && 'pt-4')}>
        {children}
      </div>
    </section>
  );
}
