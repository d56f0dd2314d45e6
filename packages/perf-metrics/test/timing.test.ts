import { describe, expect, expectTypeOf, it } from 'vitest';
import { type OperationReport, PerfMetrics } from '../src/index.ts';
import { FakeClock } from './fake-clock.ts';

function setUp() {
  const clock = new FakeClock();
  const metrics = new PerfMetrics<'fetch'>({ clock });
  const report = (): OperationReport | undefined => metrics.report().operations['fetch'];
  return { clock, metrics, report };
}

describe('start', () => {
  it('records the time until its end once, with the outcome', () => {
    const { clock, metrics, report } = setUp();
    const end = metrics.start('fetch');
    clock.nowMs = 40;
    end(true);
    clock.nowMs = 90;
    end(false);
    expect(report()).toMatchObject({ count: 1, max_ms: 40, success_rate: 100 });
  });

  it('times runs that overlap apart from each other', () => {
    const { clock, metrics, report } = setUp();
    const endFirst = metrics.start('fetch');
    clock.nowMs = 10;
    const endSecond = metrics.start('fetch');
    clock.nowMs = 30;
    endFirst(true);
    endSecond(false);
    expect(report()).toMatchObject({ count: 2, min_ms: 20, max_ms: 30, success_rate: 50 });
  });
});

describe('timer', () => {
  it('counts as failed when the scope ends without success', () => {
    const { clock, metrics, report } = setUp();
    const leave = (): void => {
      using _timer = metrics.timer('fetch');
      clock.nowMs = 15;
      throw new Error('lost');
    };
    expect(leave).toThrow('lost');
    expect(report()).toMatchObject({ count: 1, max_ms: 15, success_rate: 0 });
  });

  it('counts as succeeded, up to the moment it is told so', () => {
    const { clock, metrics, report } = setUp();
    {
      using timer = metrics.timer('fetch');
      clock.nowMs = 15;
      timer.succeed();
      clock.nowMs = 99;
      timer.succeed();
    }
    expect(report()).toMatchObject({ count: 1, max_ms: 15, success_rate: 100 });
  });
});

describe('measure', () => {
  it('returns what a function returns and counts a success', () => {
    const { clock, metrics, report } = setUp();
    const value = metrics.measure('fetch', () => {
      clock.nowMs = 3;
      return 42;
    });
    expectTypeOf(value).toEqualTypeOf<number>();
    expect(value).toBe(42);
    expect(report()).toMatchObject({ count: 1, max_ms: 3, success_rate: 100 });
  });

  it('passes on what a function throws and counts a failure', () => {
    const { metrics, report } = setUp();
    const fault = new Error('lost');
    expect(() =>
      metrics.measure('fetch', () => {
        throw fault;
      }),
    ).toThrow(fault);
    expect(report()).toMatchObject({ count: 1, success_rate: 0 });
  });

  it('waits for a promise and counts its outcome', async () => {
    const { clock, metrics, report } = setUp();
    const resolved = Promise.withResolvers<string>();
    const pending = metrics.measure('fetch', () => resolved.promise);
    expectTypeOf(pending).toEqualTypeOf<Promise<string>>();
    clock.nowMs = 20;
    expect(report()).toBeUndefined();
    resolved.resolve('done');
    await expect(pending).resolves.toBe('done');
    expect(report()).toMatchObject({ count: 1, max_ms: 20, success_rate: 100 });
  });

  it('passes on a rejection and counts a failure', async () => {
    const { metrics, report } = setUp();
    const fault = new Error('lost');
    await expect(metrics.measure('fetch', () => Promise.reject(fault))).rejects.toBe(fault);
    expect(report()).toMatchObject({ count: 1, success_rate: 0 });
  });

  it('takes anything with a then method for a promise', async () => {
    const { metrics, report } = setUp();
    const query: PromiseLike<number> = {
      // biome-ignore lint/suspicious/noThenProperty: a query builder looks like this
      then: (onFulfilled, onRejected) => Promise.resolve(7).then(onFulfilled, onRejected),
    };
    await expect(metrics.measure('fetch', () => query)).resolves.toBe(7);
    expect(report()).toMatchObject({ count: 1, success_rate: 100 });
  });
});
