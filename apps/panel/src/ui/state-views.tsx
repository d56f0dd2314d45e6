import { clsx } from 'clsx';
import { CircleAlert, CircleSlash, type LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiProblem, problemText } from '../api/api-problem.ts';
import { Button } from './button.tsx';
import { SignInLink } from './sign-in-link.tsx';

export interface EmptyProps {
  readonly icon: LucideIcon;
  readonly title: string;
  readonly children?: ReactNode;
  readonly action?: ReactNode;
  readonly compact?: boolean;
}

/** What stands where nothing is yet: what it would show, and what to do about it. */
export function Empty({ icon: Icon, title, children, action, compact = false }: EmptyProps) {
  return (
    <div className={clsx('flex flex-col items-center px-6 text-center', compact ? 'py-8' : 'py-14')}>
      <span className="mb-3 grid size-10 place-items-center rounded-full bg-muted/10 text-muted">
        <Icon className="size-5" aria-hidden="true" />
      </span>
      <p className="font-medium">{title}</p>
      {children !== undefined && <div className="mt-1 max-w-md text-sm text-muted">{children}</div>}
      {action !== undefined && <div className="mt-4">{action}</div>}
    </div>
  );
}

/** A question to the server that failed. */
export function Problem({ error, retry }: { readonly error: unknown; readonly retry?: () => void }) {
  if (error instanceof ApiProblem && error.isMissingRoute) {
    return (
      <Empty icon={CircleSlash} title="This server does not have that" compact>
        It answers 404 here: it is of another version than this page, or this kind of engine has nothing to show.
      </Empty>
    );
  }
  if (error instanceof ApiProblem && error.isDenied) {
    return (
      <Empty
        icon={CircleAlert}
        title={error.status === 401 ? 'This needs the API key' : 'The API key was refused'}
        compact
        action={<SignInLink className="font-medium text-accent underline underline-offset-4" />}
      >
        {error.message}
      </Empty>
    );
  }
  return (
    <div role="alert">
      <Empty
        icon={CircleAlert}
        title="That did not work"
        compact
        {...(retry === undefined ? {} : { action: <Button onClick={retry}>Try again</Button> })}
      >
        {problemText(error)}
      </Empty>
    </div>
  );
}

/** Percent; uneven, as lines of text are. */
const widths = [92, 75, 58, 81, 64, 87, 70, 53];

/** Grey lines, at most eight, in the place of what is being loaded. */
export function Loading({ lines = 4, label = 'Loading' }: { readonly lines?: number; readonly label?: string }) {
  return (
    <div role="status" aria-label={label} className="space-y-3 p-4">
      {widths.slice(0, lines).map((width) => (
        <div key={width} className="h-4 animate-shimmer rounded bg-muted/15" style={{ width: `${width}%` }} />
      ))}
    </div>
  );
}
