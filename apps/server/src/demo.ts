import type { EngineAddress } from './config/setting-types.ts';
import type { DemoChannel } from './greeting.ts';

/** Two, so that one can be seen to take over from the other. */
const engineCount = 2;
const host = '127.0.0.1';

export interface Demo {
  readonly engines: readonly EngineAddress[];
  /** Channels to try: one of each kind. */
  readonly channels: readonly DemoChannel[];
  close(): Promise<void>;
}

/** Starts simulated engines in this process. They are loaded here only, so that a real installation never runs them. */
export async function startDemo(): Promise<Demo> {
  const { CHANNELS, createEngine } = await import('@acestream-orchestrator/engine-simulator');
  const engines = await Promise.all(
    // Engines of one swarm are not equally far behind the broadcast.
    Array.from({ length: engineCount }, (_, index) =>
      createEngine({ host, controlPort: false, lagMs: 2_000 + index * 700 }),
    ),
  );
  const firstOfKind = CHANNELS.filter(
    ({ media }, index) => CHANNELS.findIndex((other) => other.media === media) === index,
  );
  return {
    engines: engines.map(({ port }) => ({ host, port })),
    channels: firstOfKind.flatMap(({ name, contentId }) => (contentId === null ? [] : [{ name, contentId }])),
    async close() {
      await Promise.all(engines.map((engine) => engine.close()));
    },
  };
}
