import { useVirtualizer } from '@tanstack/react-virtual';
import { type ReactNode, useEffect, useMemo, useRef } from 'react';
import type { LogLine } from '../../api/log-follower.ts';
import { formatAbsolute, formatPreciseClock } from '../../format/time.ts';

export interface LogLinesProps {
  readonly lines: readonly LogLine[];
  /** In lower case; marked where it occurs. */
  readonly search: string;
  /** Stay at the end when lines come, unless somebody has scrolled away from it. */
  readonly follow: boolean;
}

const lineHeight = 18;
/** The time before each line, in characters. */
const clockWidth = 14;

/** Lines of a log in a box that scrolls by itself; only those in view exist. */
export function LogLines({ lines, search, follow }: LogLinesProps) {
  const box = useRef<HTMLDivElement>(null);
  const isAtEnd = useRef(true);
  const virtual = useVirtualizer({
    count: lines.length,
    getScrollElement: () => box.current,
    estimateSize: () => lineHeight,
    overscan: 20,
    getItemKey: (index) => lines[index]!.number,
  });
  const last = lines.at(-1)?.number;
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll
  useEffect(() => {
    if (follow && isAtEnd.current && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [last, lines.length, follow]);
  const longest = useMemo(() => lines.reduce((most, { text }) => Math.max(most, text.length), 0), [lines]);
  return (
    <div
      ref={box}
      role="log"
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      onScroll={({ currentTarget: { scrollTop, scrollHeight, clientHeight } }) => {
        isAtEnd.current = scrollHeight - scrollTop - clientHeight < 2 * lineHeight;
      }}
      className="max-h-96 overflow-auto rounded-b-card border-t border-line bg-sunken py-2"
    >
      <ol
        className="relative min-w-full font-mono text-xs"
        style={{ height: virtual.getTotalSize(), width: `calc(${longest + clockWidth}ch + 2rem)` }}
      >
        {virtual.getVirtualItems().map(({ key, index, start }) => {
          const { at, text } = lines[index]!;
          return (
            <li
              key={key}
              style={{ transform: `translateY(${start}px)`, height: lineHeight }}
              className="absolute inset-x-0 px-4 whitespace-pre hover:bg-hover"
            >
              {at !== undefined && (
                <time dateTime={new Date(at).toISOString()} title={formatAbsolute(at)} className="text-muted">
                  {formatPreciseClock(at)}
                  {'  '}
                </time>
              )}
              {marked(text, search)}
            </li>
          );
        })}
      </ol>
    </div>
  );
}

function marked(line: string, search: string): ReactNode {
  const at = search === '' ? -1 : line.toLowerCase().indexOf(search);
  if (at < 0) return line;
  return (
    <>
      {line.slice(0, at)}
      <mark className="rounded-sm bg-warn/25 text-text">{line.slice(at, at + search.length)}</mark>
      {line.slice(at + search.length)}
    </>
  );
}
