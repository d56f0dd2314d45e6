import { formatCount } from '../format/number.ts';

export interface FoundCountProps {
  readonly found: number;
  readonly total: number;
  /** Of what, in the plural. */
  readonly things: string;
  readonly isFiltered: boolean;
}

/** How many fit a filter; read out as somebody types. It is there before: what comes with its text is not read. */
export function FoundCount({ found, total, things, isFiltered }: FoundCountProps) {
  return (
    <p aria-live="polite" className={isFiltered && total > 0 ? 'num mb-2 text-sm text-muted' : 'sr-only'}>
      {isFiltered && total > 0 && `${formatCount(found)} of ${formatCount(total)} ${things}`}
    </p>
  );
}
