import { type ReactNode, useEffect, useRef } from 'react';

export interface LogLinesProps {
  readonly lines: readonly string[];
  /** In lower case; marked where it occurs. */
  readonly search: string;
  /** Stay at the end when lines come. */
  readonly follow: boolean;
}

/** Lines of a log in a box that scrolls by itself. */
export function LogLines({ lines, search, follow }: LogLinesProps) {
  const box = useRef<HTMLDivElement>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: new lines are the reason to scroll
  useEffect(() => {
    if (follow && box.current !== null) box.current.scrollTop = box.current.scrollHeight;
  }, [lines.length, follow]);
  return (
    <div
      ref={box}
      role="log"
      aria-label="Log lines"
      // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by keyboard
      tabIndex={0}
      className="max-h-96 overflow-auto border-t border-line bg-sunken py-2"
    >
      <ol className="w-max min-w-full font-mono text-xs">
        {lines.map((line, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity
          <li key={index} className="px-4 py-px whitespace-pre">
            {marked(line, search)}
          </li>
        ))}
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
