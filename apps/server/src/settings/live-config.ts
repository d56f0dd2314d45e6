import { type Config, type Setting, settings } from '../config/config.ts';

/**
 * A configuration that always reads as the current one. Settings that need a restart stay as they were at the start, and
 * so do those in `pinned`, which come from the program that embeds the server.
 */
export function liveConfig(current: () => Config, pinned: Partial<Config>): Config {
  const atStart = current();
  const view = {};
  for (const [field, { changes }] of Object.entries<Setting<unknown>>(settings)) {
    const name = field as keyof Config;
    const read = Object.hasOwn(pinned, name)
      ? (): unknown => pinned[name]
      : (changes ?? 'at-once') === 'at-once'
        ? (): unknown => current()[name]
        : (): unknown => atStart[name];
    Object.defineProperty(view, field, { enumerable: true, get: read });
  }
  // Every field of the table is there, and its row's type binds it to Config.
  return view as Config;
}
