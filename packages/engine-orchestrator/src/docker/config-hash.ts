import { createHash } from 'node:crypto';
import type { ContainerSpec, PortNumbers } from './container-spec.ts';

/**
 * Twelve hex digits that differ when containers made from `spec` at `place` would differ. Port numbers, names and
 * additional labels do not count.
 */
export function configHash(spec: ContainerSpec, place: string): string {
  const sample: PortNumbers = Object.fromEntries(Object.keys(spec.ports).map((name, index) => [name, index + 1]));
  const { command, env, labels: _labels, ...rest } = spec;
  const parts = {
    ...rest,
    command: typeof command === 'function' ? command(sample) : command,
    env: typeof env === 'function' ? env(sample) : env,
    place,
  };
  return createHash('sha256').update(canonical(parts)).digest('hex').slice(0, 12);
}

/** JSON with sorted keys, so that the order in which a spec was written does not count; the order of ports does. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (key, each: unknown) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    const entries = Object.entries(each);
    return key === 'ports' ? entries : Object.fromEntries(entries.sort(([one], [other]) => (one < other ? -1 : 1)));
  });
}
