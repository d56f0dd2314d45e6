import { describe, expect, it } from 'vitest';
import type { EngineState, EventEntry, OrchestratorStatus, Pull, StreamState } from '../api/types.ts';
import { applyMessages, emptyState, keptEvents, type LiveMessage } from './live-state.ts';

const engine = (id: string): EngineState => ({ container_id: id }) as EngineState;
const stream = (id: string, status: 'started' | 'ended' = 'started'): StreamState => ({ id, status }) as StreamState;
const event = (id: number): EventEntry => ({ id }) as EventEntry;
const snapshot = (engines: string[], streams: string[]): LiveMessage => ({
  name: 'snapshot',
  data: {
    engines: engines.map(engine),
    streams: streams.map((id) => stream(id)),
    status: { status: 'healthy' } as OrchestratorStatus,
    pulls: [],
  },
});

describe('the live state', () => {
  it('is what the snapshot says, and nothing of what was before', () => {
    const before = applyMessages(emptyState, [snapshot(['a', 'b'], ['x'])]);
    const after = applyMessages(before, [snapshot(['c'], ['y', 'z'])]);
    expect([...after.engines.keys()]).toEqual(['c']);
    expect([...after.streams.keys()]).toEqual(['y', 'z']);
    expect(after.loaded).toBe(true);
  });

  it('follows changes in their order', () => {
    const state = applyMessages(emptyState, [
      snapshot(['a'], ['x']),
      { name: 'engine', data: engine('b') },
      { name: 'engine_gone', data: { container_id: 'a' } },
      { name: 'stream', data: stream('y') },
      { name: 'stream_gone', data: { id: 'x' } },
    ]);
    expect([...state.engines.keys()]).toEqual(['b']);
    expect([...state.streams.keys()]).toEqual(['y']);
  });

  it('drops a stream that is told to have ended', () => {
    const state = applyMessages(emptyState, [snapshot([], ['x']), { name: 'stream', data: stream('x', 'ended') }]);
    expect(state.streams.size).toBe(0);
  });

  it('leaves what no message touched the same object', () => {
    const before = applyMessages(emptyState, [snapshot(['a'], ['x'])]);
    const after = applyMessages(before, [{ name: 'stream', data: stream('x') }]);
    expect(after.engines).toBe(before.engines);
    expect(after.events).toBe(before.events);
    expect(after.streams).not.toBe(before.streams);
    expect(before.streams.get('x')).not.toBe(after.streams.get('x'));
  });

  it('knows how the last pull of an image went, until a snapshot says what is now', () => {
    const pull = (status: string, done: boolean): LiveMessage => ({
      name: 'pull',
      data: { image: 'a', status, done } as Pull,
    });
    const state = applyMessages(emptyState, [pull('pulling', false), pull('done', true)]);
    expect([...state.pulls.values()]).toMatchObject([{ image: 'a', status: 'done' }]);
    expect(applyMessages(state, [snapshot([], [])]).pulls.size).toBe(0);
  });

  it('keeps the newest events first, each once, and not without end', () => {
    const first = applyMessages(
      emptyState,
      [1, 2].map((id) => ({ name: 'event', data: event(id) })),
    );
    const again = applyMessages(
      first,
      [2, 3].map((id) => ({ name: 'event', data: event(id) })),
    );
    expect(again.events.map(({ id }) => id)).toEqual([3, 2, 1]);
    const many = applyMessages(
      again,
      Array.from({ length: keptEvents + 50 }, (_, index) => ({ name: 'event', data: event(100 + index) })),
    );
    expect(many.events).toHaveLength(keptEvents);
    expect(many.events[0]?.id).toBe(100 + keptEvents + 49);
  });
});
