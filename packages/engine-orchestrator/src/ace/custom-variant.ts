/** A flag with a value of one kind. `flag` is there or not; `bytes` may be written `200MB` and reaches the engine as a number. */
export interface CustomParameter {
  /** With its dashes, `--live-cache-type`. */
  readonly name: string;
  readonly type: 'flag' | 'string' | 'int' | 'bytes' | 'path';
  readonly value: string | number | boolean;
  /** Default true. */
  readonly enabled?: boolean;
}

/**
 * An image of one's own. In `command` and in the values of `env`, `{http_port}`, `{api_port}`, `{p2p_port}` stand for the
 * ports that the engine must use, `{flags}` for all its flags, and `{conf}` for the same with one in each line. When none
 * of them is used anywhere, the flags are added to the command.
 */
export interface CustomVariant {
  readonly image: string;
  readonly platform?: string;
  /** Default the image's own. */
  readonly command?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly parameters?: readonly CustomParameter[];
}

const units: Readonly<Record<string, number>> = { '': 1, b: 1, k: 2 ** 10, m: 2 ** 20, g: 2 ** 30, t: 2 ** 40 };

/** Reads `200`, `200MB`, `1.5 GiB`; undefined for anything else. */
export function parseBytes(text: string): number | undefined {
  const [, number = '', unit = ''] = /^\s*(\d+(?:\.\d+)?)\s*([bkmgt]?)(?:i?b)?\s*$/i.exec(text) ?? [];
  const factor = units[unit.toLowerCase()];
  return number === '' || factor === undefined ? undefined : Math.floor(Number(number) * factor);
}

/** What is wrong with a parameter, as the end of a sentence that begins with its name; undefined for a good one. */
export function parameterFault({ name, type, value }: CustomParameter): string | undefined {
  if (!/^--?[a-z][\w-]*$/i.test(name)) return 'is not the name of a flag, such as --live-cache-type';
  const text = String(value);
  if (/[\0\r\n]/.test(text)) return 'has a line break in its value';
  switch (type) {
    case 'flag':
      return ['true', 'false', ''].includes(text) ? undefined : `is a flag and has the value "${text}"`;
    case 'string':
      return text === '' ? 'has no value' : undefined;
    case 'int':
      return /^-?\d{1,15}$/.test(text) ? undefined : `needs a whole number, not "${text}"`;
    case 'bytes':
      return parseBytes(text) === undefined ? `needs a size such as 200MB, not "${text}"` : undefined;
    case 'path':
      return text.startsWith('/') ? undefined : `needs a path that begins with /, not "${text}"`;
  }
}
