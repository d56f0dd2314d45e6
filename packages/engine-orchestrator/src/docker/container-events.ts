import type { Readable } from 'node:stream';
import type { RuntimeEvent } from '../runtime/engine-runtime.ts';
import { jsonLines } from './json-lines.ts';

/**
 * What is heard of. Podman filters by names of its own: what it shows as `die` is `died` there, and `remove` is what
 * Docker calls `destroy`.
 */
export const followedActions = [
  'create',
  'start',
  'restart',
  'die',
  'died',
  'destroy',
  'remove',
  'oom',
  'pause',
  'unpause',
  'health_status',
] as const;

const types: Readonly<Record<string, RuntimeEvent['type']>> = {
  create: 'created',
  start: 'started',
  restart: 'started',
  die: 'stopped',
  died: 'stopped',
  destroy: 'removed',
  remove: 'removed',
};

/** The container of an event. */
export interface EventContainer {
  readonly id: string;
  readonly attributes: Readonly<Record<string, string>>;
}

/** The changes of containers that are one of ours, or the one whose network those share. */
export async function* containerEvents(
  stream: Readable,
  whose: (container: EventContainer) => 'ours' | 'shared' | undefined,
): AsyncGenerator<RuntimeEvent, void, undefined> {
  for await (const message of jsonLines(stream)) {
    const { Action: action, Actor: actor } = message as {
      Action?: string;
      Actor?: { ID?: string; Attributes?: Record<string, string> };
    };
    const id = actor?.ID;
    if (id === undefined || action === undefined) continue;
    const owner = whose({ id, attributes: actor?.Attributes ?? {} });
    if (owner === 'shared') yield { type: 'network', engineId: '' };
    // What health checks of their own say of engines would be noise.
    else if (owner === 'ours' && !action.startsWith('health_status')) {
      yield { type: types[action] ?? 'changed', engineId: id };
    }
  }
}
