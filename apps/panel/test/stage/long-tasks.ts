import type { Page } from 'playwright-core';

/** Starts to note what blocks the page's thread, from nothing. */
export async function watchLongTasks(page: Page): Promise<void> {
  await page.evaluate(() => {
    const tasks: number[] = [];
    const isWatched = 'longTasks' in window;
    Object.assign(window, { longTasks: tasks });
    if (isWatched) return;
    new PerformanceObserver((list) => {
      const { longTasks: noted } = window as unknown as { longTasks: number[] };
      for (const entry of list.getEntries()) noted.push(Math.round(entry.duration));
    }).observe({ type: 'longtask' });
  });
}

/** Milliseconds of each task that took more than 50 ms since {@link watchLongTasks}. */
export function longTasks(page: Page): Promise<number[]> {
  return page.evaluate(() => (window as unknown as { longTasks: number[] }).longTasks);
}
