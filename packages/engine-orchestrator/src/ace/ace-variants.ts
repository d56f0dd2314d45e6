/** How an image takes the engine's flags. */
export type FlagStyle =
  /** As its command, after `program`. */
  | 'command'
  /** In an environment variable, separated by spaces. */
  | 'ACESTREAM_ARGS'
  | 'EXTRA_FLAGS'
  /** In an environment variable, one `--name=value` in each line. */
  | 'CONF';

/** A published image with a real engine in it. Made and published by others, closed inside. */
export interface AceVariant {
  readonly image: string;
  readonly publisher: string;
  /** About, unpacked; for people who are about to download it. */
  readonly sizeMb: number;
  /** Processors that it is made for, as Docker names them. */
  readonly architectures: readonly string[];
  readonly platform?: string;
  readonly flags: FlagStyle;
  /** What the command begins with, where flags are its end. */
  readonly program?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

export type AceVariantName = 'nano-ace' | 'jopsis-amd64' | 'jopsis-arm32' | 'jopsis-arm64' | 'http-proxy';

const python = ['python', 'main.py'];

/** The images that are known, by name. */
export const aceVariants: Readonly<Record<AceVariantName, AceVariant>> = {
  'nano-ace': {
    image: 'ghcr.io/krinkuto11/nano-ace:latest',
    publisher: 'krinkuto11',
    sizeMb: 300,
    architectures: ['amd64'],
    flags: 'command',
    program: ['/acestream/acestreamengine'],
  },
  'jopsis-amd64': {
    image: 'jopsis/acestream:x64',
    publisher: 'jopsis',
    sizeMb: 1_200,
    architectures: ['amd64'],
    flags: 'ACESTREAM_ARGS',
  },
  'jopsis-arm32': {
    image: 'jopsis/acestream:arm32-v3.2.14',
    publisher: 'jopsis',
    sizeMb: 1_200,
    architectures: ['arm'],
    platform: 'linux/arm/v7',
    flags: 'command',
    program: python,
  },
  'jopsis-arm64': {
    image: 'jopsis/acestream:arm64-v3.2.14',
    publisher: 'jopsis',
    sizeMb: 1_200,
    architectures: ['arm64'],
    platform: 'linux/arm64',
    flags: 'command',
    program: python,
  },
  'http-proxy': {
    image: 'ghcr.io/martinbjeldbak/acestream-http-proxy:latest',
    publisher: 'martinbjeldbak',
    sizeMb: 500,
    architectures: ['amd64'],
    flags: 'EXTRA_FLAGS',
    env: { ALLOW_REMOTE_ACCESS: 'yes' },
  },
};

/** The variant that fits a processor. Throws a RangeError, with the names of those that exist, when none does. */
export function variantFor(architecture: string): AceVariantName {
  const names = Object.keys(aceVariants) as AceVariantName[];
  const name = names.find((each) => aceVariants[each].architectures.includes(architecture));
  if (name !== undefined) return name;
  throw new RangeError(
    `No variant of the engine is made for the processor "${architecture}" of this Docker; there are ${names.join(', ')}, and custom`,
  );
}
