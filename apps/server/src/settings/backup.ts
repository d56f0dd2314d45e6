import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { playbackTokensSchema } from '../auth/playback-tokens.ts';
import { type SavedSettings, type Setting, settings as table } from '../config/config.ts';
import { SettingFault } from '../config/setting-types.ts';
import { customVariantSchema } from '../custom-variant-config.ts';
import { loopingStreamsSchema } from '../streams/looping-streams.ts';
import { fromLegacy } from './legacy-settings.ts';
import { toText } from './setting-value.ts';
import { BadArchive, unzip } from './unzip.ts';

/** Everything that survives a restart but the events and the key, as one file. */
export const backupSchema = z
  .strictObject({
    format: z.literal('acestream-orchestrator'),
    version: z.literal(1),
    exported_at: z.iso.datetime(),
    release: z.string(),
    settings: z.record(z.string(), z.string()).describe('What was changed from the defaults, as in the environment'),
    playback_tokens: playbackTokensSchema.describe('Hashes, never the tokens themselves'),
    looping_streams: loopingStreamsSchema,
    custom_variant: customVariantSchema,
  })
  .meta({ id: 'Backup' });

export type Backup = z.infer<typeof backupSchema>;

/** What a file says, ready to be checked together with the environment. */
export interface Imported {
  readonly settings: SavedSettings;
  readonly playbackTokens: Backup['playback_tokens'] | undefined;
  readonly loopingStreams: Backup['looping_streams'] | undefined;
  readonly customVariant: Backup['custom_variant'] | undefined;
  /** What the file has that means nothing here. */
  readonly ignored: readonly string[];
}

const rowsByName = new Map(Object.values<Setting<unknown>>(table).map((row) => [row.name, row]));

/** Reads a file: one of ours, or what the 1.5 release exported. Rejects with an ApiError `bad_backup`. */
export async function readBackup(file: unknown): Promise<Imported> {
  if (Buffer.isBuffer(file)) return readLegacy(await jsonFiles(file));
  if (typeof file !== 'object' || file === null) throw bad(['The file is no object.']);
  if (!('format' in file)) return readLegacy(file as Record<string, unknown>);
  const parsed = backupSchema.safeParse(file);
  if (!parsed.success) {
    throw bad(parsed.error.issues.map(({ path, message }) => `${path.join('.') || 'The file'}: ${message}.`));
  }
  const { settings, playback_tokens, looping_streams, custom_variant } = parsed.data;
  const unknown = Object.keys(settings).filter((name) => !isSavable(name));
  if (unknown.length > 0) throw bad(unknown.map((name) => `${name} is not a setting that can be saved.`));
  return {
    settings,
    playbackTokens: playback_tokens,
    loopingStreams: looping_streams,
    customVariant: custom_variant,
    ignored: [],
  };
}

/** The parts of a 1.5 export that mean something here. */
const legacyParts: Readonly<Record<string, (values: Record<string, unknown>) => ReturnType<typeof fromLegacy>>> = {
  proxy_settings: (values) => fromLegacy('proxy', values),
  engine_settings: (values) => fromLegacy('engine', values),
  loop_detection_settings: (values) => ({
    values: {
      STREAM_LOOP_DETECTION_ENABLED: values['enabled'],
      STREAM_LOOP_DETECTION_THRESHOLD_S: values['threshold_seconds'],
      STREAM_LOOP_CHECK_INTERVAL_S: values['check_interval_seconds'],
      STREAM_LOOP_RETENTION_MINUTES: values['retention_minutes'],
    },
    ignored: [],
  }),
};

function readLegacy(parts: Readonly<Record<string, unknown>>): Imported {
  const settings: Record<string, string> = {};
  const ignored: string[] = [];
  let known = 0;
  for (const [name, part] of Object.entries(parts)) {
    const read = Object.hasOwn(legacyParts, name) ? legacyParts[name] : undefined;
    if (read === undefined || typeof part !== 'object' || part === null) {
      ignored.push(name);
      continue;
    }
    known += 1;
    const { values, ignored: meaningless } = read(part as Record<string, unknown>);
    ignored.push(...meaningless.map((each) => `${name}.${each}`));
    for (const [setting, value] of Object.entries(values)) {
      if (value === undefined || value === null) continue;
      if (isSavable(setting)) settings[setting] = textOf(`${name}.${setting.toLowerCase()}`, value);
      else ignored.push(`${name}.${setting.toLowerCase()}`);
    }
  }
  if (known === 0) throw bad(['The file is neither an export of this server nor one of the 1.5 release.']);
  return { settings, playbackTokens: undefined, loopingStreams: undefined, customVariant: undefined, ignored };
}

/** The JSON files of an archive, by name without folder and extension. */
async function jsonFiles(archive: Buffer): Promise<Record<string, unknown>> {
  try {
    const files = [...(await unzip(archive))].filter(([name]) => name.endsWith('.json'));
    return Object.fromEntries(
      files.map(([name, content]) => [name.replace(/^.*\/|\.json$/g, ''), JSON.parse(content.toString()) as unknown]),
    );
  } catch (error) {
    if (error instanceof BadArchive || error instanceof SyntaxError) throw bad([`${error.message}.`]);
    throw error;
  }
}

function textOf(name: string, value: unknown): string {
  try {
    return toText(value);
  } catch (error) {
    throw error instanceof SettingFault ? bad([`${name} ${error.message}.`]) : error;
  }
}

function isSavable(name: string): boolean {
  const row = rowsByName.get(name);
  return row !== undefined && row.changes !== 'environment';
}

function bad(faults: readonly string[]): ApiError {
  return new ApiError(400, 'bad_backup', faults.join(' '), { details: { faults } });
}
