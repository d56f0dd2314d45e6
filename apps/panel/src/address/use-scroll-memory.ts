import { useEffect, useLayoutEffect } from 'react';

/** How long a scroll rests before it is written down. */
const restMs = 100;
/** A page whose rows are loaded anew grows for so long until there is something to scroll to. */
const growMs = 1_500;

/**
 * Where each entry of the browser's history was scrolled to: back leads to the row that somebody came from, a link to the
 * top. The browser's own memory does not wait until a page is drawn.
 */
export function useScrollMemory(path: string): void {
  useEffect(() => {
    history.scrollRestoration = 'manual';
    let resting: ReturnType<typeof setTimeout> | undefined;
    const forget = (): void => clearTimeout(resting);
    const remember = (): void => {
      forget();
      resting = setTimeout(() => history.replaceState({ scrollY: window.scrollY }, ''), restMs);
    };
    addEventListener('scroll', remember, { passive: true });
    // What is drawn next scrolls by itself, and is another entry.
    addEventListener('popstate', forget);
    return () => {
      forget();
      removeEventListener('scroll', remember);
      removeEventListener('popstate', forget);
    };
  }, []);
  // biome-ignore lint/correctness/useExhaustiveDependencies: another page is another place
  useLayoutEffect(() => {
    const wanted = (history.state as { readonly scrollY?: number } | null)?.scrollY ?? 0;
    const givesUpAt = performance.now() + growMs;
    let frame = 0;
    const scroll = (): void => {
      window.scrollTo(0, wanted);
      if (Math.abs(window.scrollY - wanted) > 1 && performance.now() < givesUpAt) frame = requestAnimationFrame(scroll);
    };
    scroll();
    return () => cancelAnimationFrame(frame);
  }, [path]);
}
