import { ApiError } from '../api-error.ts';
import type { Services } from '../services.ts';

/** Rejects what only makes sense where engines are made here. */
export function mustBeManaged({ engines }: Pick<Services, 'engines'>): void {
  if (engines.managed) return;
  throw new ApiError(409, 'not_managed', 'These engines are run by somebody else: none can be made or removed here.');
}

/** The engine of this id or name. Throws `engine_not_found`. */
export function findEngine(
  { engines }: Pick<Services, 'engines'>,
  name: string,
): { readonly id: string; readonly leases: number } {
  const engine = engines.list().find((each) => each.id === name || each.name === name);
  if (engine !== undefined) return engine;
  throw new ApiError(404, 'engine_not_found', `There is no engine ${name}.`);
}
