import type { Clock } from '../src/index.ts';

/** A clock that stands still until it is set. */
export class FakeClock implements Clock {
  nowMs = 0;

  now(): number {
    return this.nowMs;
  }
}
