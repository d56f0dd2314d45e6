import { clsx } from 'clsx';
import type { Tone } from './tone.ts';

const fills: Readonly<Record<Tone, string>> = {
  ok: 'bg-ok',
  warn: 'bg-warn',
  bad: 'bg-bad',
  info: 'bg-info',
  neutral: 'bg-muted',
  accent: 'bg-accent',
};

export interface MeterProps {
  readonly label: string;
  readonly value: number;
  readonly max: number;
  readonly tone?: Tone;
  readonly className?: string;
}

/** How much of something is used. The figure stands beside it. */
export function Meter({ label, value, max, tone = 'accent', className }: MeterProps) {
  const percent = max > 0 ? Math.min(100, Math.max(0, (value / max) * 100)) : 0;
  return (
    <div
      role="meter"
      aria-label={label}
      aria-valuenow={Math.round(value)}
      aria-valuemin={0}
      aria-valuemax={Math.round(max)}
      className={clsx('h-1.5 overflow-hidden rounded-full bg-muted/15', className)}
    >
      <div
        className={clsx('h-full rounded-full transition-[width] duration-300', fills[tone])}
        style={{ width: `${percent}%` }}
      />
    </div>
  );
}
