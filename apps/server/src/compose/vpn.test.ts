import { expect, it } from 'vitest';
import type { NewEvent } from '../events/event-log.ts';
import { createLog } from '../log.ts';
import { Vpn } from './vpn.ts';

function vpn(network: string | undefined) {
  const events: NewEvent[] = [];
  const log = createLog('fatal');
  let changes = 0;
  const made = new Vpn({ network, log, record: (event) => events.push(event), changed: () => (changes += 1) });
  return { vpn: made, events, changes: () => changes };
}

it('there is none unless engines are wished inside the network of a container', () => {
  for (const network of [undefined, 'bridge', 'media']) {
    expect(vpn(network).vpn.state()).toEqual({
      enabled: false,
      connected: false,
      health: 'disabled',
      container: undefined,
    });
  }
});

it('it is unknown until somebody looked, and then what its container and the health check of that say', () => {
  const { vpn: gluetun, events, changes } = vpn('container:gluetun');
  const seen = [];
  for (const [running, health] of [
    [true, undefined],
    [true, 'starting'],
    [true, 'healthy'],
    [true, 'unhealthy'],
    [false, undefined],
  ] as const) {
    seen.push(gluetun.state().health);
    gluetun.report({ container: 'gluetun', running, health });
  }
  expect([...seen, gluetun.state().health]).toEqual([
    'unknown',
    'healthy',
    'starting',
    'healthy',
    'unhealthy',
    'unhealthy',
  ]);
  expect(gluetun.state()).toMatchObject({ enabled: true, connected: false, container: 'gluetun' });
  expect(events.map(({ type, category }) => `${type} ${category}`)).toEqual([
    'vpn connected',
    'vpn starting',
    'vpn connected',
    'vpn disconnected',
  ]);
  expect(changes()).toBe(5);
});
