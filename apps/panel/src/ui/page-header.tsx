import { ChevronLeft } from 'lucide-react';
import { type ReactNode, useEffect } from 'react';

export interface PageHeaderProps {
  readonly title: string;
  readonly hint?: ReactNode;
  /** Beside the title, such as a state. */
  readonly badge?: ReactNode;
  readonly actions?: ReactNode;
  /** The list that this page is an entry of. */
  readonly back?: { readonly href: string; readonly label: string };
}

/** The heading of a page, which names the browser's tab as well. */
export function PageHeader({ title, hint, badge, actions, back }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · AceStream Orchestrator`;
  }, [title]);
  return (
    <header className="mb-5">
      {back !== undefined && (
        <a
          href={`#${back.href}`}
          className="-ml-1 mb-1 inline-flex items-center gap-0.5 text-sm text-muted hover:text-text"
        >
          <ChevronLeft className="size-4" aria-hidden="true" />
          {back.label}
        </a>
      )}
      <div className="flex flex-wrap items-center gap-x-3 gap-y-2">
        <div className="min-w-0 flex-1 basis-60">
          <div className="flex flex-wrap items-center gap-x-3 gap-y-1">
            <h1 className="text-2xl font-semibold tracking-tight break-words">{title}</h1>
            {badge}
          </div>
          {hint !== undefined && <p className="mt-0.5 text-base text-muted">{hint}</p>}
        </div>
        {actions !== undefined && <div className="flex flex-wrap items-center gap-2">{actions}</div>}
      </div>
    </header>
  );
}
