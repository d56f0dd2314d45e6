import { parseArgs } from 'node:util';
import { SERVER_NAMES, type ServerName } from './server-under-test.ts';

/** What is measured and for how long. */
export interface BenchOptions {
  readonly scenarios: readonly ScenarioName[];
  /** Numbers of clients of one stream. */
  readonly clients: readonly number[];
  /** Streams that the clients are spread over. */
  readonly streams: number;
  /** The measured span of each row. */
  readonly seconds: number;
  readonly warmupSeconds: number;
  readonly bitsPerSecond: number;
  /** Servers that are run, by name; empty for all there are. */
  readonly servers: readonly ServerName[];
  /** Every row is measured so often, servers in turn; the median by CPU is shown. */
  readonly rounds: number;
  readonly http: '1.0' | '1.1';
  /** Settings of our proxy as JSON, over the defaults. */
  readonly settings: string;
  /** Folder for CPU profiles of our server. */
  readonly profile: string | undefined;
  readonly json: string | undefined;
}

export type ScenarioName = (typeof SCENARIOS)[number];

const SCENARIOS = ['fanout', 'many', 'unpaced', 'joins', 'leave', 'hls', 'hls-wakeup', 'packets', 'record'] as const;

export const USAGE = `pnpm bench [scenario …] [options]

Scenarios
  fanout   one stream to 1, 10, 50, 200, 500 clients: CPU per GB, latency, memory, lost bytes
  many     10 streams to 20 clients each, and one stream to 1000
  unpaced  one stream as fast as it goes to 1 and 10 clients
  joins    time to the first byte at 1, 50, 200 running clients
  leave    time from the last client's leave to the source's close
  hls      one live playlist to 1, 10, 50, 200, 500 viewers that poll as players do, beside nginx with the same files
  hls-wakeup  time from a part to the last of 200 viewers that wait for it, and ten first viewers at once
  packets  nanoseconds that each step of the byte path takes for a packet
  record   nanoseconds that timing an operation takes
  (without a name: all)

Options
  --clients 200        one or several numbers, with commas
  --streams 1          streams the clients are spread over
  --seconds 10         measured span of each row
  --warmup 10          seconds between the last join and the measured span: code is compiled while it runs
  --mbit 4             bit rate of each stream
  --servers ours,pipe  ours, pipe, c, c-batched, nginx
  --rounds 1           measures every row so often, servers in turn, and shows the median
  --http 1.1           what the clients speak; 1.0 keeps servers from chunked framing
  --settings '{}'      settings of MpegTsProxy over its defaults, as JSON
  --profile <folder>   writes CPU profiles of our server
  --json <file>        writes every measurement
`;

/** @throws TypeError for what is not an option, RangeError for a value out of bounds, SyntaxError for broken JSON */
export function readCommandLine(args: readonly string[]): BenchOptions | undefined {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean' },
      clients: { type: 'string' },
      streams: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '10' },
      warmup: { type: 'string', default: '10' },
      mbit: { type: 'string', default: '4' },
      servers: { type: 'string', default: '' },
      rounds: { type: 'string', default: '1' },
      http: { type: 'string', default: '1.1' },
      settings: { type: 'string', default: '{}' },
      profile: { type: 'string' },
      json: { type: 'string' },
    },
  });
  if (values.help) return undefined;
  if (values.http !== '1.0' && values.http !== '1.1') throw new RangeError(`--http is 1.0 or 1.1, not ${values.http}`);
  JSON.parse(values.settings);
  const scenarios = positionals.map((text) => oneOf('scenario', SCENARIOS, text));
  return {
    scenarios: scenarios.length > 0 ? scenarios : SCENARIOS,
    clients: (values.clients?.split(',') ?? []).map((text) => numberOf('--clients', text, 1, 8000)),
    streams: numberOf('--streams', values.streams, 1, 1000),
    seconds: numberOf('--seconds', values.seconds, 1, 3600),
    warmupSeconds: numberOf('--warmup', values.warmup, 0, 600),
    bitsPerSecond: numberOf('--mbit', values.mbit, 0.1, 1000) * 1e6,
    servers: values.servers === '' ? [] : values.servers.split(',').map((text) => oneOf('server', SERVER_NAMES, text)),
    rounds: numberOf('--rounds', values.rounds, 1, 99),
    http: values.http,
    settings: values.settings,
    profile: values.profile,
    json: values.json,
  };
}

function oneOf<Name extends string>(what: string, names: readonly Name[], text: string): Name {
  const name = names.find((known) => known === text);
  if (name === undefined) throw new TypeError(`${text} is not a ${what}; there are ${names.join(', ')}`);
  return name;
}

function numberOf(name: string, text: string, min: number, max: number): number {
  const value = Number(text);
  if (!(value >= min && value <= max)) throw new RangeError(`${name} is a number from ${min} to ${max}, not ${text}`);
  return value;
}
