import { isIP } from 'node:net';

/** What a form for a setting needs to know. */
export interface SettingForm {
  readonly kind: 'integer' | 'choice' | 'text' | 'secret' | 'list';
  readonly min?: number;
  readonly max?: number;
  readonly unit?: string;
  readonly choices?: readonly string[];
}

/** How one setting is written, checked and shown. `parse` throws a {@link SettingFault} whose message completes "NAME …". */
export interface SettingType<Value> {
  /** What `--help` prints for the range, such as `0 to 65535`. */
  readonly shape: string;
  /** Default: a text. */
  readonly form?: SettingForm;
  parse(text: string): Value;
  /** The text that parses back to `value`, for `--help`. */
  format(value: Value): string;
}

/** A value that cannot be used. The message is the end of a sentence that starts with the setting's name. */
export class SettingFault extends Error {
  override readonly name = 'SettingFault';
}

/** Whole numbers in `[min, max]`. */
export function integer(min: number, max: number, unit?: string): SettingType<number> {
  const range = `${min} to ${max}${unit === undefined ? '' : ` ${unit}`}`;
  return {
    shape: range,
    form: { kind: 'integer', min, max, ...(unit === undefined ? {} : { unit }) },
    parse(text) {
      const value = /^-?\d+$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw new SettingFault(`must be a whole number from ${range}, not "${text}"`);
    },
    format: String,
  };
}

/** Numbers in `[min, max]`, with decimals. */
export function decimal(min: number, max: number, unit: string): SettingType<number> {
  const range = `${min} to ${max} ${unit}`;
  return {
    shape: range,
    parse(text) {
      const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
      if (value >= min && value <= max) return value;
      throw new SettingFault(`must be a number from ${range}, not "${text}"`);
    },
    format: String,
  };
}

/** Ports of TCP, both ends included. */
export interface PortRange {
  readonly from: number;
  readonly to: number;
}

/** `19000-19999`. */
export function portRange(): SettingType<PortRange> {
  return {
    shape: 'first-last',
    parse(text) {
      const [, from, to] = (/^(\d+)\s*-\s*(\d+)$/.exec(text) ?? []).map(Number);
      if (from !== undefined && to !== undefined && from >= 1 && from <= to && to <= 65_535) return { from, to };
      throw new SettingFault(`must be a range of ports such as 19000-19999, not "${text}"`);
    },
    format: ({ from, to }) => `${from}-${to}`,
  };
}

/** Any words, separated by white space. */
export function words(): SettingType<readonly string[]> {
  return {
    shape: 'words, separated by spaces',
    parse: (value) => value.split(/\s+/),
    format: (each) => each.join(' '),
  };
}

/** One of a few words, in any case. */
export function choice<Word extends string>(...words: readonly Word[]): SettingType<Word> {
  return {
    shape: words.join(', '),
    form: { kind: 'choice', choices: words },
    parse(text) {
      const word = words.find((each) => each === text.toLowerCase());
      if (word !== undefined) return word;
      throw new SettingFault(`must be one of ${words.join(', ')}, not "${text}"`);
    },
    format: (word) => word,
  };
}

const yes: ReadonlySet<string> = new Set(['on', 'true', 'yes', '1']);
const no: ReadonlySet<string> = new Set(['off', 'false', 'no', '0']);

/** On or off, in whatever words. */
export function toggle(): SettingType<boolean> {
  return {
    shape: 'on, off',
    form: { kind: 'choice', choices: ['on', 'off'] },
    parse(text) {
      const word = text.toLowerCase();
      if (yes.has(word) || no.has(word)) return yes.has(word);
      throw new SettingFault(`must be on or off, not "${text}"`);
    },
    format: (value) => (value ? 'on' : 'off'),
  };
}

/** Any text. */
export function text(shape = 'text'): SettingType<string> {
  return { shape, parse: (value) => value, format: (value) => value };
}

/** A key of at least `minLength` characters, or nothing. Never repeated in a message. */
export function secret(minLength: number): SettingType<string | undefined> {
  return {
    shape: `at least ${minLength} characters`,
    form: { kind: 'secret' },
    parse(value) {
      if (/\s/.test(value)) throw new SettingFault('must not contain white space');
      if (value.length >= minLength) return value;
      throw new SettingFault(`must have at least ${minLength} characters, not ${value.length}`);
    },
    format: () => '',
  };
}

/** Where an engine's HTTP API listens. */
export interface EngineAddress {
  /** An IPv6 address has no brackets. */
  readonly host: string;
  readonly port: number;
}

/** Engines' base URLs, separated by commas: `http://host:6878,…`. */
export function engineUrls(): SettingType<readonly EngineAddress[]> {
  return {
    shape: 'http://host:port, separated by commas',
    form: { kind: 'list' },
    parse: (value) => distinct(list(value).map(parseEngineUrl)),
    format: (engines) => engines.map(urlOf).join(','),
  };
}

/** Addresses and networks in CIDR notation, separated by commas. */
export function networks(): SettingType<readonly string[]> {
  return {
    shape: 'addresses or networks (10.0.0.0/8), separated by commas',
    form: { kind: 'list' },
    parse(value) {
      const entries = list(value);
      for (const entry of entries) checkNetwork(entry);
      return entries;
    },
    format: (entries) => entries.join(','),
  };
}

/** A path such as `/tv`, kept without a slash at its end; `/` is the same as nothing. */
export function basePath(): SettingType<string> {
  return {
    shape: 'a path such as /tv',
    parse(value) {
      const path = value.replace(/\/+$/, '');
      if (path === '' || /^(\/[\w.~-]+)+$/.test(path)) return path;
      throw new SettingFault(`must be a path such as /tv, not "${value}"`);
    },
    format: (value) => value,
  };
}

/** Origins of web pages, separated by commas, or `*` for every page. */
export function origins(): SettingType<readonly string[]> {
  return {
    shape: '*, or origins such as https://tv.example.org, separated by commas',
    form: { kind: 'list' },
    parse(value) {
      const entries = list(value);
      for (const entry of entries) {
        if (entry === '*' || URL.parse(entry)?.origin === entry) continue;
        throw new SettingFault(`has "${entry}", which is neither * nor an origin such as https://tv.example.org`);
      }
      return entries;
    },
    format: (entries) => entries.join(','),
  };
}

function list(value: string): string[] {
  return value
    .split(',')
    .map((entry) => entry.trim())
    .filter((entry) => entry !== '');
}

function parseEngineUrl(entry: string): EngineAddress {
  const url = URL.parse(entry);
  if (url === null || url.hostname === '')
    throw new SettingFault(`has a broken URL: "${entry}" is not like http://127.0.0.1:6878`);
  if (url.protocol !== 'http:')
    throw new SettingFault(`has "${entry}": an engine is reached over http://, not ${url.protocol}//`);
  if (url.pathname !== '/' || url.search !== '' || url.hash !== '' || url.username !== '') {
    throw new SettingFault(`has "${entry}": only scheme, host and port belong there, as in http://${url.host}`);
  }
  if (url.port === '0') throw new SettingFault(`has "${entry}": port 0 is not a port that an engine listens on`);
  return { host: url.hostname.replace(/^\[|\]$/g, ''), port: url.port === '' ? 80 : Number(url.port) };
}

function urlOf({ host, port }: EngineAddress): string {
  return `http://${host.includes(':') ? `[${host}]` : host}:${port}`;
}

function distinct(engines: readonly EngineAddress[]): readonly EngineAddress[] {
  const seen = new Set<string>();
  for (const engine of engines) {
    const url = urlOf(engine);
    if (seen.has(url)) throw new SettingFault(`names ${url} twice`);
    seen.add(url);
  }
  return engines;
}

function checkNetwork(entry: string): void {
  const [address = '', prefix, ...rest] = entry.split('/');
  const family = isIP(address);
  const bits = prefix === undefined ? 0 : /^\d+$/.test(prefix) ? Number(prefix) : Number.NaN;
  if (family !== 0 && rest.length === 0 && bits <= (family === 4 ? 32 : 128)) return;
  throw new SettingFault(`has "${entry}", which is neither an address nor a network such as 10.0.0.0/8`);
}
