import { describe, expect, test } from 'vitest';
import { earlierSettings, translateSettings } from './earlier-settings.ts';

describe('settings of the 1.5 release', () => {
  test('mean here what they meant there', () => {
    const { env, notes } = translateSettings({ APP_PORT: '9000', DEBUG_MODE: 'true' });
    expect(env).toMatchObject({ PORT: '9000', LOG_LEVEL: 'debug' });
    expect(notes).toContain('APP_PORT of 1.5 is taken as PORT=9000.');
  });

  test('lose against the name that they have here', () => {
    const { env, notes } = translateSettings({ APP_PORT: '9000', PORT: '8000' });
    expect(env['PORT']).toBe('8000');
    expect(notes).toEqual(['APP_PORT of 1.5 does nothing here, because PORT is set.']);
  });

  test('that do nothing any more are named with the reason', () => {
    expect(translateSettings({ AUTOSCALE_INTERVAL_S: '30' }).notes).toEqual([
      'AUTOSCALE_INTERVAL_S of 1.5 does nothing here: nothing is polled: Docker tells what changes.',
    ]);
  });

  test('name images that are chosen by processor here', () => {
    expect(translateSettings({ ENGINE_VARIANT: 'krinkuto11-arm64' }).env['ENGINE_VARIANT']).toBe('auto');
    expect(translateSettings({ ENGINE_VARIANT: 'jopsis-amd64' })).toMatchObject({ notes: [] });
  });

  test('never lead to engines outside a VPN that they asked for', () => {
    expect(translateSettings({ VPN_MODE: 'single' }).faults).toEqual([
      'VPN_MODE of 1.5 asks for engines inside a VPN: name its container in ENGINE_NETWORK=container:<name>, or leave it out.',
    ]);
    expect(translateSettings({ VPN_MODE: 'single', GLUETUN_CONTAINER_NAME: 'gluetun' }).faults).toEqual([]);
    expect(translateSettings({ VPN_MODE: 'single', ENGINE_NETWORK: 'container:wg' }).faults).toEqual([]);
  });
});

describe('settings of acexy', () => {
  test('mean here what they meant there', () => {
    const { env } = translateSettings({
      ACEXY_LISTEN_ADDR: ':8080',
      ACEXY_HOST: 'engine',
      ACESTREAM_MAX_REPLICAS: '4',
      ACESTREAM_IDLE_TIMEOUT: '1h30m',
    });
    expect(env).toMatchObject({
      PORT: '8080',
      ENGINE_URLS: 'http://engine:6878',
      MAX_REPLICAS: '4',
      ENGINE_GRACE_PERIOD_S: '5400',
    });
  });

  test('ask for a VPN that has to be named here', () => {
    expect(translateSettings({ COMPOSE_PROFILE: 'vpn' }).faults).toHaveLength(1);
    expect(translateSettings({ COMPOSE_PROFILE: 'regular' }).faults).toEqual([]);
  });
});

test('an environment without any of them is left as it is', () => {
  const env = { PORT: '1', PATH: '/bin', APP_PORT: ' ' };
  expect(translateSettings(env)).toEqual({ env, notes: [], faults: [] });
});

test('no name is listed twice, and each does something or says why not', () => {
  expect(new Set(earlierSettings.map(({ name }) => name)).size).toBe(earlierSettings.length);
  for (const { becomes, note } of earlierSettings) expect(becomes ?? note).toBeDefined();
});
