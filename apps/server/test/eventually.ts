import { setTimeout as delay } from 'node:timers/promises';

/** Waits until `check` returns something that is not false or undefined, and returns that. */
export async function eventually<Value>(
  check: () => Value | Promise<Value>,
  timeoutMs = 10_000,
): Promise<Exclude<Value, false | undefined>> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value !== undefined && value !== false) return value as Exclude<Value, false | undefined>;
    if (performance.now() > deadline) throw new Error(`did not come true within ${timeoutMs} ms: ${check}`);
    await delay(10);
  }
}
