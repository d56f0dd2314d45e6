import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { type Tone, toneText } from './tone.ts';

export interface StatProps {
  readonly label: string;
  readonly value: ReactNode;
  readonly sub?: ReactNode;
  readonly tone?: Tone;
  readonly className?: string;
}

/** A figure with its name; goes into a {@link StatRow}. */
export function Stat({ label, value, sub, tone, className }: StatProps) {
  return (
    <div className={clsx('min-w-0', className)}>
      <dt className="text-xs font-medium text-muted">{label}</dt>
      <dd className={clsx('num mt-0.5 truncate text-xl font-semibold tracking-tight', tone && toneText[tone])}>
        {value}
      </dd>
      {sub !== undefined && <dd className="num truncate text-xs text-muted">{sub}</dd>}
    </div>
  );
}

/** {@link Stat}s side by side, up to six; on a wide screen in one row. */
export function StatRow({ children }: { readonly children: ReactNode }) {
  return (
    <dl className="grid grid-cols-2 gap-px overflow-hidden rounded-card border border-line bg-surface shadow-card sm:grid-cols-3 xl:auto-cols-fr xl:grid-flow-col xl:grid-cols-none [&>div]:px-4 [&>div]:py-3.5 [&>div]:outline [&>div]:outline-line">
      {children}
    </dl>
  );
}

/** Name and value pairs, one a line. */
export function Facts({ facts }: { readonly facts: readonly (readonly [name: string, value: ReactNode])[] }) {
  return (
    <dl className="divide-y divide-line text-sm">
      {facts.map(([name, value]) => (
        <div key={name} className="flex items-baseline justify-between gap-4 py-1.5">
          <dt className="shrink-0 text-muted">{name}</dt>
          <dd className="num min-w-0 text-right break-words">{value}</dd>
        </div>
      ))}
    </dl>
  );
}
