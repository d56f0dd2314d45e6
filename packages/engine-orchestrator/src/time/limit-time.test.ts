import { expect, it } from 'vitest';
import { fakeClock } from '../testing/fake-clock.ts';
import { limitTime } from './limit-time.ts';
import { pause } from './pause.ts';

const timeoutReason = (): Error => new Error('too slow');

it('a call that answers in time leaves no timer', async () => {
  const clock = fakeClock();
  await expect(limitTime(async () => 42, { clock, ms: 100, timeoutReason })).resolves.toBe(42);
  expect(clock.pendingTimers).toBe(0);
});

it('a call that ignores its signal is given up when its time is over', async () => {
  const clock = fakeClock();
  let given: AbortSignal | undefined;
  const limited = limitTime(
    (signal) => {
      given = signal;
      return new Promise(() => {});
    },
    { clock, ms: 100, timeoutReason },
  );
  limited.catch(() => {});
  await clock.advance(99);
  expect(given?.aborted).toBe(false);
  await clock.advance(1);
  await expect(limited).rejects.toThrow('too slow');
  expect(given?.reason).toEqual(new Error('too slow'));
});

it('an outer signal ends a call with its reason, before it begins or while it runs', async () => {
  const clock = fakeClock();
  const outer = new AbortController();
  const hang = (): Promise<never> => new Promise(() => {});
  const running = limitTime(hang, { clock, ms: 100, timeoutReason, signal: outer.signal });
  outer.abort(new Error('not wanted'));
  await expect(running).rejects.toThrow('not wanted');
  await expect(limitTime(hang, { clock, ms: 100, timeoutReason, signal: outer.signal })).rejects.toThrow('not wanted');
  expect(clock.pendingTimers).toBe(0);
});

it('a call that throws instead of rejecting is a rejection', async () => {
  const clock = fakeClock();
  const call = (): Promise<void> => {
    throw new Error('at once');
  };
  await expect(limitTime(call, { clock, ms: 100, timeoutReason })).rejects.toThrow('at once');
  expect(clock.pendingTimers).toBe(0);
});

it('a pause ends early when its signal aborts, without a timer left', async () => {
  const clock = fakeClock();
  const outer = new AbortController();
  const waiting = pause(clock, 1_000, outer.signal);
  outer.abort();
  await waiting;
  await pause(clock, 1_000, outer.signal);
  expect(clock.pendingTimers).toBe(0);
});
