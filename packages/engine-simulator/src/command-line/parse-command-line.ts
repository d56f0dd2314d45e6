import { readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { benchmarkChannel } from '../channels.ts';
import type { EngineOptions } from '../engine/engine-options.ts';
import { FAULT_NAMES, type FaultName, isFaultName } from '../faults/fault-table.ts';
import type { FaultSettings } from '../faults/resolve-settings.ts';
import { REAL_FLAGS } from './real-flags.ts';

/** What a command line asks for. */
export interface CommandLine {
  readonly options: EngineOptions;
  readonly help: boolean;
  readonly readyJson: boolean;
  /** One line for each flag that was accepted and has no effect. */
  readonly notices: readonly string[];
}

const OWN_FLAGS = {
  help: { type: 'boolean', short: 'h' },
  'ready-json': { type: 'boolean' },
  host: { type: 'string' },
  'control-port': { type: 'string' },
  'control-host': { type: 'string' },
  'engine-version': { type: 'string' },
  'bits-per-second': { type: 'string' },
  unpaced: { type: 'boolean' },
  'burst-ms': { type: 'string' },
  'lag-ms': { type: 'string' },
  'start-delay-ms': { type: 'string' },
  'reader-idle-stop-ms': { type: 'string' },
  seed: { type: 'string' },
  fault: { type: 'string', multiple: true },
} as const;

type FaultsFromStart = { [N in FaultName]?: FaultSettings<N> };

/**
 * Reads a command line: the simulator's own flags and those of a real engine. Flags that neither knows are accepted with
 * a notice, since images pass all kinds. `@file` is replaced by the flags in that file.
 *
 * @throws TypeError or RangeError with a sentence for the user when a value makes no sense.
 */
export function parseCommandLine(argv: readonly string[]): CommandLine {
  const realOptions = [...REAL_FLAGS].map(
    ([name, { takesValue }]) => [name, { type: takesValue ? 'string' : 'boolean' }] as const,
  );
  const { tokens } = parseArgs({
    args: expandFiles(argv),
    options: { ...Object.fromEntries(realOptions), ...OWN_FLAGS },
    strict: false,
    tokens: true,
    allowPositionals: true,
  });

  const values = new Map<string, string>();
  const faults: FaultsFromStart = {};
  const notices: string[] = [];
  for (const token of tokens) {
    if (token.kind === 'positional') {
      // The value of a flag nobody knows looks like this.
      notices.push(`ignored: ${token.value}`);
    } else if (token.kind === 'option') {
      const { name, value } = token;
      if (name === 'fault') addFault(faults, value);
      else if (Object.hasOwn(OWN_FLAGS, name) || REAL_FLAGS.get(name)?.obeyed)
        values.set(name, checkedValue(name, value));
      else notices.push(`ignored: ${token.rawName}${REAL_FLAGS.has(name) ? ' (has no effect here)' : ' (unknown)'}`);
    }
  }
  return { options: toOptions(values, faults), help: values.has('help'), readyJson: values.has('ready-json'), notices };
}

function toOptions(values: ReadonlyMap<string, string>, faults: FaultsFromStart): EngineOptions {
  const number = (name: string): number | undefined => {
    const text = values.get(name);
    if (text === undefined) return undefined;
    const value = Number(text);
    if (text.trim() === '' || !Number.isFinite(value)) throw new TypeError(`--${name} needs a number, not "${text}"`);
    return value;
  };
  const remoteAccess = values.has('bind-all') || values.has('service-remote-access');
  const bitsPerSecond = number('bits-per-second');
  const liveBufferSeconds = number('live-buffer') ?? number('live-buffer-time');
  const startDelay = values.get('start-delay-ms')?.split('-').map(Number);
  return withoutUndefined({
    host: values.get('host') ?? (remoteAccess ? '0.0.0.0' : undefined),
    remoteAccess,
    port: number('http-port') ?? 6878,
    controlPort: number('control-port') ?? false,
    controlHost: values.get('control-host'),
    version: values.get('engine-version'),
    channel: bitsPerSecond === undefined ? undefined : benchmarkChannel({ bitsPerSecond }),
    rate: values.has('unpaced') ? 'unpaced' : undefined,
    burstMs: number('burst-ms'),
    lagMs: number('lag-ms'),
    startDelayMs: startDelay && ([startDelay[0]!, startDelay.at(-1)!] as const),
    readerIdleStopMs: number('reader-idle-stop-ms'),
    liveBufferMs: liveBufferSeconds === undefined ? undefined : liveBufferSeconds * 1000,
    liveBufferBytes: number('live-mem-cache-size') ?? number('live-cache-size'),
    seed: number('seed'),
    faults,
  });
}

/** Options must be left out, rather than undefined, to get their defaults. */
function withoutUndefined(
  options: { readonly [K in keyof EngineOptions]: EngineOptions[K] | undefined },
): EngineOptions {
  return Object.fromEntries(Object.entries(options).filter(([, value]) => value !== undefined));
}

function checkedValue(name: string, value: string | undefined): string {
  const flag = Object.hasOwn(OWN_FLAGS, name) ? OWN_FLAGS[name as keyof typeof OWN_FLAGS].type : undefined;
  const takesValue = flag ? flag === 'string' : (REAL_FLAGS.get(name)?.takesValue ?? false);
  if (takesValue && value === undefined) throw new TypeError(`--${name} needs a value`);
  return value ?? '';
}

function addFault(faults: FaultsFromStart, text: string | undefined): void {
  const [name = '', json] = splitOnce(text ?? '', '=');
  if (!isFaultName(name)) throw new TypeError(`--fault "${name}" is none of ${FAULT_NAMES.join(', ')}`);
  try {
    // Checked with the rest of the options.
    faults[name] = json ? JSON.parse(json) : {};
  } catch (cause) {
    throw new TypeError(`--fault ${name}= needs JSON parameters, such as {"times":1}, not ${json}`, { cause });
  }
}

function splitOnce(text: string, separator: string): [string, string | undefined] {
  const at = text.indexOf(separator);
  return at < 0 ? [text, undefined] : [text.slice(0, at), text.slice(at + separator.length)];
}

function expandFiles(argv: readonly string[]): string[] {
  return argv.flatMap((argument) =>
    argument.startsWith('@') ? readFileSync(argument.slice(1), 'utf8').split(/\s+/).filter(Boolean) : [argument],
  );
}
