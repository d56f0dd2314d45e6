import { describe, expect, it } from 'vitest';
import { startPool } from './support/start-pool.ts';

const six = ['a', 'b', 'c', 'd', 'e', 'f'];

async function start(
  engines: readonly string[],
): Promise<Awaited<ReturnType<typeof startPool>> & { collected(): number }> {
  const pool = await startPool({ minReplicas: engines.length, freeReplicas: 0 }, engines);
  return { ...pool, collected: () => pool.runtime.calls.filter(({ operation }) => operation === 'stats').length };
}

describe('statistics of engines', () => {
  it('are not collected while nobody reads them', async () => {
    const { clock, collected } = await start(['a', 'b']);
    await clock.advance(600_000);
    expect(collected()).toBe(0);
  });

  it('cost no call while there is no engine, however often they are read', async () => {
    const { clock, orchestrator, collected } = await start([]);
    for (let reads = 0; reads < 20; reads += 1) {
      expect((await orchestrator.stats()).engines.size).toBe(0);
      await clock.advance(1_000);
    }
    expect(collected()).toBe(0);
  });

  it.each([
    [five(), 3_000],
    [six, 2_000],
  ])('of %j are collected every %i ms while read, once for all readers', async (engines, everyMs) => {
    const { clock, orchestrator, collected } = await start(engines);
    for (let halfSeconds = 0; halfSeconds < 120; halfSeconds += 1) {
      const answers = await Promise.all(Array.from({ length: 10 }, () => orchestrator.stats()));
      expect(answers[0]?.engines.size).toBe(engines.length);
      expect(new Set(answers).size).toBe(1);
      await clock.advance(500);
    }
    expect(collected()).toBeGreaterThanOrEqual(60_000 / everyMs - 1);
    expect(collected()).toBeLessThanOrEqual(60_000 / everyMs + 1);
  });

  it('stop being collected soon after the last reader went', async () => {
    const { clock, orchestrator, collected } = await start(['a']);
    await orchestrator.stats();
    await clock.advance(20_000);
    const before = collected();
    await clock.advance(600_000);
    expect(collected()).toBe(before);
    await orchestrator.close();
    expect(clock.pendingTimers).toBe(0);
  });

  it('are timed, and reject with what the runtime says', async () => {
    const events: unknown[] = [];
    const pool = await startPool({ on: { statsCollected: (event) => events.push(event) } }, ['a']);
    await pool.orchestrator.stats();
    pool.runtime.fail('stats', new Error('daemon is busy'));
    await pool.clock.advance(2_999);
    expect((await pool.orchestrator.stats()).engines.size).toBe(1);
    await pool.clock.advance(1);
    await expect(pool.orchestrator.stats()).rejects.toThrow('daemon is busy');
    expect(events).toMatchObject([{ engines: 1, ok: true }, { engines: 1, ok: false }, { ok: false }]);
  });

  it('give up for a reader that leaves', async () => {
    const { orchestrator, runtime } = await start(['a']);
    runtime.hang('stats', true);
    const leaving = new AbortController();
    const read = orchestrator.stats({ signal: leaving.signal });
    leaving.abort(new Error('left'));
    await expect(read).rejects.toThrow('left');
    await orchestrator.close();
  });
});

function five(): string[] {
  return six.slice(0, 5);
}
