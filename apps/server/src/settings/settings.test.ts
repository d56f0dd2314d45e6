import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromLegacy } from './legacy-settings.ts';
import { Settings, type SettingsOptions } from './settings.ts';

type Saved = Readonly<Record<string, string>>;

function kept(options: Partial<SettingsOptions> = {}): Settings & { readonly writes: Saved[] } {
  const writes: Saved[] = [];
  const save = async (saved: Saved): Promise<void> => void writes.push(saved);
  return Object.assign(new Settings({ env: {}, save, ...options }), { writes });
}

describe('Settings', () => {
  it('takes the environment before what is saved, and that before the default; a saved 0 is a 0', () => {
    const { config } = kept({
      env: { LINGER_MS: '7', HEDGE_MS: ' ' },
      saved: { LINGER_MS: '5', HEDGE_MS: '0', JOIN_BEHIND_MS: '0' },
    });
    expect([config.lingerMs, config.hedgeMs, config.joinBehindMs, config.maxStreams]).toEqual([7, 0, 0, 200]);
  });

  it('changes what is in effect at once, and keeps it', async () => {
    const settings = kept();
    const told: unknown[] = [];
    settings.onChange((changed) => told.push(changed));
    const change = await settings.change({
      LINGER_MS: 0,
      AUTH_READ: 'KEY',
      ENGINE_URLS: ['http://10.0.0.1', 'http://10.0.0.2'],
    });
    expect(change).toEqual({
      changed: ['ENGINE_URLS', 'AUTH_READ', 'LINGER_MS'],
      restartRequired: ['ENGINE_URLS'],
    });
    expect(settings.config.lingerMs).toBe(0);
    expect(settings.config.authRead).toBe('key');
    expect(settings.config.engineUrls).toEqual([]);
    expect(settings.writes).toEqual([
      { LINGER_MS: '0', AUTH_READ: 'KEY', ENGINE_URLS: 'http://10.0.0.1,http://10.0.0.2' },
    ]);
    expect(told).toEqual([change.changed]);
    await settings.change({ LINGER_MS: null });
    expect(settings.config.lingerMs).toBe(15_000);
    expect(kept({ saved: settings.writes.at(-1) }).config).toEqual(
      expect.objectContaining({
        authRead: 'key',
        engineUrls: ['10.0.0.1', '10.0.0.2'].map((host) => ({ host, port: 80 })),
      }),
    );
  });

  it.each([
    ['out of bounds', { LINGER_MS: -1, MAX_STREAMS: 5 }, 'LINGER_MS must be a whole number'],
    ['of the wrong kind', { MAX_STREAMS: { a: 1 } }, 'MAX_STREAMS must be a number, a text or a list'],
    ['unknown', { NOTHING: 1 }, 'NOTHING is not a setting'],
    ['that do not fit together', { FIRST_BYTE_TIMEOUT_MS: 1_000 }, 'must not be shorter than START_TIMEOUT_MS'],
  ])('refuses values %s as a whole: nothing changes, in memory or on disk', async (_title, values, message) => {
    const settings = kept({ saved: { MAX_STREAMS: '9' } });
    const before = { ...settings.config };
    await expect(settings.change(values)).rejects.toMatchObject({ statusCode: 400, code: 'bad_settings' });
    await expect(settings.change(values)).rejects.toThrow(message);
    expect({ ...settings.config }).toEqual(before);
    expect(settings.writes).toEqual([]);
  });

  it('changes nothing when it cannot be kept', async () => {
    const settings = kept({ save: () => Promise.reject(new Error('full')) });
    await expect(settings.change({ LINGER_MS: 1 })).rejects.toThrow('full');
    expect(settings.config.lingerMs).toBe(15_000);
    expect(settings.saved).toEqual({});
  });

  it('does not change what the environment says; saying the same is no change', async () => {
    const settings = kept({ env: { LINGER_MS: '7' } });
    await expect(settings.change({ LINGER_MS: 8 })).rejects.toMatchObject({ statusCode: 409, code: 'setting_locked' });
    await expect(settings.change({ LINGER_MS: null })).rejects.toMatchObject({ code: 'setting_locked' });
    await expect(settings.change({ API_KEY: 'another-key' })).rejects.toMatchObject({ code: 'setting_locked' });
    expect(await settings.change({ LINGER_MS: '07', MAX_STREAMS: 3 })).toMatchObject({ changed: ['MAX_STREAMS'] });
  });

  it('leaves out what was saved and cannot be used, and says so', () => {
    const settings = kept({ saved: { LINGER_MS: 'long', MAX_STREAMS: '3', LATER: '1' } });
    expect(settings.config).toMatchObject({ lingerMs: 15_000, maxStreams: 3 });
    expect(settings.faults).toEqual([expect.stringContaining('The saved LINGER_MS must be')]);
  });

  it('never lets anybody in because something else that was saved does not fit', () => {
    const settings = kept({
      env: { START_TIMEOUT_MS: '40000' },
      saved: { FIRST_BYTE_TIMEOUT_MS: '30000', AUTH_READ: 'key', MAX_STREAMS: '3' },
    });
    expect(settings.faults).toEqual([expect.stringContaining('must not be shorter than START_TIMEOUT_MS')]);
    expect(settings.config).toMatchObject({ firstByteTimeoutMs: 50_000, maxStreams: 200 });
    expect(settings.config.authRead).toBe('key');
  });

  it('makes changes that come together one after the other', async () => {
    const settings = kept();
    await Promise.all([1, 2, 3].map((value) => settings.change({ MAX_STREAMS: value })));
    expect(settings.writes.map((saved) => saved['MAX_STREAMS'])).toEqual(['1', '2', '3']);
    expect(settings.config.maxStreams).toBe(3);
  });

  it('never shows a secret', () => {
    const text = JSON.stringify(kept({ env: { API_KEY: 'a-very-secret-key' } }).describe());
    expect(text).not.toContain('secret-key');
  });

  it('comes through any change whole: what was refused left no trace, what was taken is what is saved', async () => {
    const names = ['LINGER_MS', 'START_TIMEOUT_MS', 'FIRST_BYTE_TIMEOUT_MS', 'AUTH_READ', 'MAX_STREAMS'] as const;
    const value = fc.oneof(fc.integer({ min: -10, max: 400_000 }), fc.constantFrom('open', 'key', '', null, '5'));
    const changes = fc.array(fc.dictionary(fc.constantFrom(...names), value), { maxLength: 8 });
    await fc.assert(
      fc.asyncProperty(changes, async (list) => {
        const settings = kept();
        for (const change of list) {
          const before = { ...settings.config };
          const writes = settings.writes.length;
          const taken = await settings.change(change).then(
            () => true,
            () => false,
          );
          if (!taken) expect([{ ...settings.config }, settings.writes.length]).toEqual([before, writes]);
          expect({ ...kept({ saved: settings.saved }).config }).toEqual({ ...settings.config });
        }
      }),
      { numRuns: 100 },
    );
  });
});

describe('names of the 1.5 release', () => {
  it('mean what they meant, or are ignored and named', () => {
    expect(
      fromLegacy('proxy', { channel_shutdown_delay: '0.5', stream_mode: 'TS', max_streams: 4, linger_ms: 'x' }),
    ).toEqual({ values: { LINGER_MS: 'x', MAX_STREAMS: 4 }, ignored: ['stream_mode'] });
    expect(fromLegacy('proxy', { initial_data_wait_timeout: '30' }).values).toEqual({ FIRST_BYTE_TIMEOUT_MS: 30_000 });
  });
});
