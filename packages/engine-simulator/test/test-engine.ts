import { onTestFinished } from 'vitest';
import { createEngine, type EngineOptions, type SimulatedEngine } from '../src/index.ts';
import { RawConnection } from './raw-connection.ts';

/** A content of the catalogue, in H.264 and AAC at about 1.5 Mbit/s. */
export const CONTENT_ID: string = '1'.repeat(40);
/** Another one of the same kind. */
export const OTHER_CONTENT_ID: string = '2'.repeat(40);

/** The answer of a start. */
export interface StartAnswer {
  readonly playback_url: string;
  readonly stat_url: string;
  readonly command_url: string;
  readonly event_url?: string;
  readonly infohash: string;
  readonly playback_session_id: string;
  readonly is_live: number;
}

/** An answer of the engine's session API. */
export interface EngineAnswer<T> {
  readonly response: T | null;
  readonly error: string | null;
  readonly extra_data?: Readonly<Record<string, string>>;
}

/** An engine without delays, ended with the test. */
export async function testEngine(options: EngineOptions = {}): Promise<SimulatedEngine> {
  const engine = await createEngine({
    resolveDelayMs: 0,
    startDelayMs: 0,
    unevenness: { burstEveryMs: 0, jitterMs: 0 },
    ...options,
  });
  onTestFinished(() => engine.close());
  return engine;
}

export async function getJson<T>(url: string): Promise<T> {
  const response = await fetch(url);
  return (await response.json()) as T;
}

/** Starts a content and returns the engine's answer, errors included. */
export function tryStart(
  engine: SimulatedEngine,
  query = `id=${CONTENT_ID}`,
  path = '/ace/getstream',
): Promise<EngineAnswer<StartAnswer>> {
  return getJson(`${engine.url}${path}?format=json&${query}`);
}

/** Starts a content; rejects when the engine refuses. */
export async function start(engine: SimulatedEngine, query?: string, path?: string): Promise<StartAnswer> {
  const { response, error } = await tryStart(engine, query, path);
  if (!response) throw new Error(`the start failed: ${error}`);
  return response;
}

/** A connection that is closed with the test. */
export function rawGet(url: string, options?: ConstructorParameters<typeof RawConnection>[1]): RawConnection {
  const connection = new RawConnection(url, options);
  onTestFinished(() => connection.close());
  return connection;
}

/** Follows the first hop of playback and returns the address of the body. */
export async function locateBody(playbackUrl: string): Promise<string> {
  const hop = rawGet(playbackUrl);
  await hop.ended;
  const location = hop.header('Location');
  if (!location) throw new Error(`playback answered ${hop.text}`);
  return location;
}

/** Follows the first hop of playback and returns the connection on which the body comes. */
export async function readPlayback(playbackUrl: string): Promise<RawConnection> {
  return rawGet(await locateBody(playbackUrl));
}

/** Starts a content and reads it. */
export async function play(engine: SimulatedEngine, query?: string): Promise<RawConnection> {
  return readPlayback((await start(engine, query)).playback_url);
}

/** Waits until something is so, looking again and again; rejects after five seconds. */
export async function until(what: string, isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (const giveUpAt = Date.now() + 5_000; Date.now() < giveUpAt; ) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  throw new Error(`gave up waiting until ${what}`);
}

/** A clock that stands still until it is moved. */
export class ManualClock {
  ms: number;
  constructor(ms = 1_790_000_000_000) {
    this.ms = ms;
  }
  readonly now = (): number => this.ms;
  advance(ms: number): void {
    this.ms += ms;
  }
}
