import { clsx } from 'clsx';
import type { ReactNode } from 'react';
import { type Tone, toneSoft } from './tone.ts';

export interface BadgeProps {
  readonly tone?: Tone;
  /** A dot before the text, for states. */
  readonly dot?: boolean;
  /** Something is under way. */
  readonly pulse?: boolean;
  readonly title?: string;
  readonly children: ReactNode;
}

export function Badge({ tone = 'neutral', dot = false, pulse = false, title, children }: BadgeProps) {
  return (
    <span
      title={title}
      className={clsx(
        'inline-flex items-center gap-1.5 rounded-full px-2 py-0.5 text-xs font-medium whitespace-nowrap',
        toneSoft[tone],
      )}
    >
      {dot && (
        <span className={clsx('size-1.5 rounded-full bg-current', pulse && 'animate-pulse')} aria-hidden="true" />
      )}
      {children}
    </span>
  );
}
