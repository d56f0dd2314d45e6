import { MpegTsProxy, type MpegTsProxyOptions, type OpenContext } from '../src/index.ts';
import { type FakeClock, type FakeSource, fakeClock, fakeSource } from '../src/testing.ts';

/** A proxy on a fake clock whose sources the test plays by hand. */
export interface Stage {
  readonly proxy: MpegTsProxy;
  readonly clock: FakeClock;
  /** Sources that have been opened, oldest first. */
  readonly sources: readonly FakeSource[];
  /** What each call of the opener was given. */
  readonly contexts: readonly OpenContext[];
  /** What the hooks were told, as `name` and event. */
  readonly events: readonly { readonly name: string; readonly event: Record<string, unknown> }[];
  eventsNamed(name: string): Record<string, unknown>[];
}

export function stage(options: Partial<MpegTsProxyOptions> = {}): Stage {
  const clock = fakeClock();
  const sources: FakeSource[] = [];
  const contexts: OpenContext[] = [];
  const events: { name: string; event: Record<string, unknown> }[] = [];
  const record =
    (name: string) =>
    (event: object): void => {
      events.push({ name, event: { ...event } });
    };
  const proxy = new MpegTsProxy({
    open: async (_key, context) => {
      contexts.push(context);
      const source = fakeSource(`engine-${sources.length + 1}`);
      sources.push(source);
      return source;
    },
    clock,
    on: {
      sessionStart: record('sessionStart'),
      sessionLive: record('sessionLive'),
      sessionEnd: record('sessionEnd'),
      sourceEnd: record('sourceEnd'),
      spliced: record('spliced'),
      clientStart: record('clientStart'),
      clientEnd: record('clientEnd'),
      closeFailed: record('closeFailed'),
    },
    ...options,
  });
  return {
    proxy,
    clock,
    sources,
    contexts,
    events,
    eventsNamed: (name) => events.filter((entry) => entry.name === name).map(({ event }) => event),
  };
}
