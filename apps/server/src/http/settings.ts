import { z } from 'zod';
import { type SettingGroup, settingGroups } from '../config/config.ts';
import type { Services } from '../services.ts';
import { fromLegacy, legacySettings, toLegacy } from '../settings/legacy-settings.ts';
import type { SettingDescription, SettingsChange } from '../settings/settings.ts';
import type { Routes } from './server.ts';

const valueSchema = z.union([z.number(), z.string(), z.array(z.string()), z.null()]);
const valuesSchema = z.record(z.string(), valueSchema);

const descriptionSchema = z
  .object({
    name: z.string().describe('The environment variable; in lower case the name in this API'),
    group: z.enum(settingGroups),
    kind: z.enum(['integer', 'choice', 'text', 'secret', 'list']),
    text: z.string(),
    shape: z.string().describe('What values look like'),
    min: z.number().nullable(),
    max: z.number().nullable(),
    unit: z.string().nullable(),
    choices: z.array(z.string()).nullable(),
    default: valueSchema,
    value: valueSchema.describe('What is set; never that of a secret'),
    active: valueSchema.describe('What is in effect; differs from value until a restart'),
    changes: z.enum(['at-once', 'restart', 'environment']).describe('When, or where alone, a change takes effect'),
    locked: z.boolean().describe('It can only be changed in the environment'),
    source: z.enum(['environment', 'saved', 'default']),
  })
  .meta({ id: 'SettingDescription' });

const changeSchema = z
  .object({
    message: z.string(),
    changed: z.array(z.string()),
    restart_required: z.array(z.string()).describe('Settings that take effect at the next start'),
    ignored: z.array(z.string()).describe('Names of the 1.5 release that mean nothing here'),
    settings: valuesSchema,
  })
  .meta({ id: 'SettingsChange' });

/** By name, in lower case; null takes the default again. */
const bodySchema = z
  .record(
    z.string().max(100),
    z.union([z.number(), z.string().max(10_000), z.boolean(), z.array(z.string()), z.null()]),
  )
  .nullish()
  .describe('Values by name in lower case; null takes the default again');

/** What the 1.5 release took, and any setting of ours. */
const querySchema = (legacy: keyof typeof legacySettings) =>
  z.looseObject(
    Object.fromEntries(
      Object.keys(legacySettings[legacy]).map((name) => [
        name,
        z.string().optional().describe('As in the 1.5 release'),
      ]),
    ),
  );

const changeErrors = {
  400: ['bad_settings'],
  409: ['setting_locked'],
  503: ['storage_unavailable'],
} as const;

/** `/settings`, and the parts of it that the 1.5 release had: `/settings/engine` and `/proxy/config`. */
export function settingsRoutes({ settings }: Pick<Services, 'settings'>): Routes {
  const shown = (belongs: (setting: SettingDescription) => boolean): Record<string, SettingDescription['value']> =>
    Object.fromEntries(
      settings
        .describe()
        .filter(belongs)
        .map(({ name, value }) => [name.toLowerCase(), value]),
    );
  const isNoSecret = ({ kind }: SettingDescription): boolean => kind !== 'secret';
  const answer = (
    { changed, restartRequired }: SettingsChange,
    ignored: readonly string[],
    values: Record<string, SettingDescription['value']>,
  ) => ({
    message: changed.length === 0 ? 'Nothing changed' : `Changed ${changed.join(', ')}`,
    changed: [...changed],
    restart_required: [...restartRequired],
    ignored: [...ignored],
    settings: copied(values),
  });

  return (app, _options, done) => {
    app.get(
      '/settings',
      {
        schema: {
          operationId: 'getSettings',
          summary: 'Every setting and its value',
          tags: ['settings'],
          response: { 200: valuesSchema },
        },
        config: { area: 'admin' },
      },
      async () => copied(shown(isNoSecret)),
    );

    app.get(
      '/settings/schema',
      {
        schema: {
          operationId: 'describeSettings',
          summary: 'Every setting: what it is for, its type, bounds and unit, what is set and what is in effect',
          tags: ['settings'],
          response: { 200: z.array(descriptionSchema) },
        },
        config: { area: 'admin' },
      },
      async () => settings.describe().map(described),
    );

    app.post(
      '/settings',
      {
        schema: {
          operationId: 'changeSettings',
          summary: 'Change settings, all or none',
          tags: ['settings'],
          body: bodySchema,
          response: { 200: changeSchema },
        },
        config: { area: 'admin', errors: changeErrors },
      },
      async (request) => {
        const values = Object.entries(request.body ?? {}).map(([name, value]) => [name.toUpperCase(), value]);
        return answer(await settings.change(Object.fromEntries(values)), [], shown(isNoSecret));
      },
    );

    const part = (path: string, group: SettingGroup, legacy: keyof typeof legacySettings, what: string): void => {
      const values = (): Record<string, SettingDescription['value']> => ({
        ...(toLegacy(legacy, (name) => settings.describe().find((each) => each.name === name)?.value) as Record<
          string,
          number
        >),
        ...shown((setting) => setting.group === group),
      });
      app.get(
        path,
        {
          schema: {
            operationId: `get${what}Settings`,
            summary: `The settings of ${group}, under the names of the 1.5 release as well`,
            tags: ['settings'],
            response: { 200: valuesSchema },
          },
          config: { area: 'admin' },
        },
        async () => copied(values()),
      );
      app.post(
        path,
        {
          schema: {
            operationId: `change${what}Settings`,
            summary: `Change settings of ${group}, all or none; in the query as in the 1.5 release, or in the body`,
            tags: ['settings'],
            querystring: querySchema(legacy),
            body: bodySchema,
            response: { 200: changeSchema },
          },
          config: { area: 'admin', errors: changeErrors },
        },
        async (request) => {
          const { values: wanted, ignored } = fromLegacy(legacy, { ...request.query, ...request.body });
          return answer(await settings.change(wanted), ignored, values());
        },
      );
    };
    part('/settings/engine', 'engines', 'engine', 'Engine');
    part('/proxy/config', 'playback', 'proxy', 'Proxy');
    done();
  };
}

function described({ min, max, unit, choices, ...setting }: SettingDescription): z.infer<typeof descriptionSchema> {
  return {
    ...setting,
    min: min ?? null,
    max: max ?? null,
    unit: unit ?? null,
    choices: choices === undefined ? null : [...choices],
    default: mutable(setting.default),
    value: mutable(setting.value),
    active: mutable(setting.active),
  };
}

function copied(values: Record<string, SettingDescription['value']>): z.infer<typeof valuesSchema> {
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, mutable(value)]));
}

function mutable(value: SettingDescription['value']): z.infer<typeof valueSchema> {
  return typeof value === 'object' && value !== null ? [...value] : value;
}
