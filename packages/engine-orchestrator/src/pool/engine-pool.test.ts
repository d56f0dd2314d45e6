import { describe, expect, it } from 'vitest';
import type { RuntimeEngine } from '../runtime/engine-runtime.ts';
import { EnginePool } from './engine-pool.ts';

function engine(id: string, fields: Partial<RuntimeEngine> = {}): RuntimeEngine {
  return { id, name: id, host: 'h', port: 1, labels: {}, forwarded: false, running: true, startedAt: 1, ...fields };
}

const at = (time: number): { now: number; wallNow: number } => ({ now: time, wallNow: time });

function ids(records: readonly { engine: { id: string } }[]): string[] {
  return records.map((record) => record.engine.id);
}

describe('EnginePool', () => {
  it('finds new engines, loses missing ones, and changes nothing when the same are listed again', () => {
    const pool = new EnginePool();
    expect(ids(pool.sync([engine('a'), engine('b')], at(5)).found)).toEqual(['a', 'b']);
    const a = pool.get('a');
    expect(pool.sync([engine('b'), engine('a')], at(6))).toEqual({ lost: [], found: [], outdated: [] });
    expect(pool.get('a')).toBe(a);
    const { lost, found } = pool.sync([engine('b')], at(7));
    expect([ids(lost), ids(found)]).toEqual([['a'], []]);
    expect(pool.get('a')).toBeUndefined();
  });

  it.each([
    ['another start time', { startedAt: 2 }],
    ['another port', { port: 2 }],
    ['another host', { host: 'i' }],
  ])('takes %s for a restart: a fresh record that keeps its age and its draining', (_title, fields) => {
    const pool = new EnginePool();
    pool.sync([engine('a')], at(5));
    const before = pool.get('a');
    if (before !== undefined) before.draining = true;
    const { lost, found } = pool.sync([engine('a', fields)], at(9));
    expect(lost).toEqual([before]);
    expect(found).toEqual([pool.get('a')]);
    expect(pool.get('a')).toMatchObject({ firstSeenWallAt: 5, draining: true, health: { health: 'unknown' } });
  });

  it('keeps a stopped engine on its books, and finds it again when it runs', () => {
    const pool = new EnginePool();
    expect(ids(pool.sync([engine('a', { running: false })], at(1)).found)).toEqual([]);
    expect(ids(pool.sync([engine('a')], at(2)).found)).toEqual(['a']);
    expect(ids(pool.sync([engine('a', { running: false })], at(3)).lost)).toEqual(['a']);
    expect(pool.get('a')?.running).toBe(false);
    expect(ids(pool.sync([], at(4)).lost)).toEqual([]);
  });

  it('says once that an engine is outdated, and again when it is for another reason', () => {
    const pool = new EnginePool();
    const reasons = (reason?: 'config' | 'image'): (string | undefined)[] =>
      pool
        .sync([engine('a', reason === undefined ? {} : { outdated: { reason, message: 'm' } })], at(1))
        .outdated.map(({ outdated }) => outdated.reason);
    const told = [undefined, 'image', 'image', 'config', undefined, 'image'] as const;
    expect(told.map((reason) => reasons(reason))).toEqual([[], ['image'], [], ['config'], [], ['image']]);
  });

  it('takes over a changed name, label or forwarded port without losing the engine', () => {
    const pool = new EnginePool();
    pool.sync([engine('a')], at(1));
    expect(pool.sync([engine('a', { forwarded: true, labels: { x: '1' } })], at(2))).toEqual({
      lost: [],
      found: [],
      outdated: [],
    });
    expect(pool.get('a')?.engine).toMatchObject({ forwarded: true, labels: { x: '1' } });
  });
});
