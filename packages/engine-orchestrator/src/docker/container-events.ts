import type { Readable } from 'node:stream';
import type { RuntimeEvent } from '../runtime/engine-runtime.ts';
import { jsonLines } from './json-lines.ts';

/** What is heard of. Health checks of a container's own would be noise. */
export const followedActions = ['create', 'start', 'restart', 'die', 'destroy', 'oom', 'pause', 'unpause'] as const;

const types: Readonly<Record<string, RuntimeEvent['type']>> = {
  create: 'created',
  start: 'started',
  restart: 'started',
  die: 'stopped',
  destroy: 'removed',
};

/** The changes of containers that `concerns` lets pass. */
export async function* containerEvents(
  stream: Readable,
  concerns: (container: { readonly id: string; readonly attributes: Readonly<Record<string, string>> }) => boolean,
): AsyncGenerator<RuntimeEvent, void, undefined> {
  for await (const message of jsonLines(stream)) {
    const { Action: action, Actor: actor } = message as {
      Action?: string;
      Actor?: { ID?: string; Attributes?: Record<string, string> };
    };
    const id = actor?.ID;
    if (id === undefined || action === undefined || !concerns({ id, attributes: actor?.Attributes ?? {} })) continue;
    yield { type: types[action] ?? 'changed', engineId: id };
  }
}
