import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { HlsProxy, type HlsProxyOptions } from '../src/index.ts';
import { type FakeClock, type FakeSegments, fakeClock, fakeSegments } from '../src/testing.ts';

/** A proxy on a fake clock whose sources the test plays by hand. */
export interface Stage extends AsyncDisposable {
  readonly proxy: HlsProxy;
  readonly clock: FakeClock;
  /** Sources that have been opened, oldest first. */
  readonly sources: readonly FakeSegments[];
  /** Keys that were opened, in order. */
  readonly opened: readonly string[];
  /** What the hooks were told under a name. */
  eventsNamed(name: string): Record<string, unknown>[];
  /** A server in front of it; its URL without a slash at the end. */
  listen(): Promise<string>;
}

const HOOKS = [
  ...['sessionStart', 'sessionLive', 'sessionLinger', 'sessionEnd', 'sourceEnd', 'moved', 'segment', 'playlist'],
  ...['viewerStart', 'viewerEnd', 'closeFailed'],
] as const;

export function stage(options: Partial<HlsProxyOptions> = {}): Stage {
  const clock = fakeClock();
  const sources: FakeSegments[] = [];
  const opened: string[] = [];
  const events: { name: string; event: Record<string, unknown> }[] = [];
  const record = (name: string) => [name, (event: object) => void events.push({ name, event: { ...event } })];
  const proxy = new HlsProxy({
    open: async (key) => {
      opened.push(key);
      const source = fakeSegments();
      sources.push(source);
      return source;
    },
    clock,
    on: Object.fromEntries(HOOKS.map(record)),
    ...options,
  });
  let server: Server | undefined;
  return {
    ...{ proxy, clock, sources, opened },
    eventsNamed: (name) => events.filter((entry) => entry.name === name).map(({ event }) => event),
    async listen() {
      server = createServer(proxy.nodeHandler());
      return listening(server);
    },
    async [Symbol.asyncDispose]() {
      await proxy.close();
      server?.closeAllConnections();
      server?.close();
    },
  };
}

/** Starts a server on a free port. */
export async function listening(server: Server): Promise<string> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** Three segments of five seconds, and the playlist of them. */
export async function playThree(stage: Stage, key: string): Promise<string> {
  const playlist = stage.proxy.playlist(key);
  await stage.clock.advance(0);
  for (let count = 0; count < 3; count++) stage.sources.at(-1)!.segment(5_000);
  return (await playlist).toString();
}
