import type { Setting } from './setting.ts';
import { choice, integer, networks, origins, type SettingType, secret } from './setting-types.ts';

/** Who gets in without a key: everybody, peers of the local network, or nobody. */
export type AccessPolicy = 'open' | 'local' | 'key';

/** Settings of who may do what. */
export interface AccessConfig {
  readonly auth: 'on' | 'off';
  readonly apiKey: string | undefined;
  readonly authPlayback: AccessPolicy;
  readonly authRead: AccessPolicy;
  readonly authMetrics: AccessPolicy;
  readonly authMaxFailures: number;
  readonly trustedProxies: readonly string[];
  readonly corsOrigins: readonly string[];
}

const policy: SettingType<AccessPolicy> = choice('open', 'local', 'key');

export const accessSettings: { readonly [Field in keyof AccessConfig]: Setting<AccessConfig[Field]> } = {
  auth: {
    name: 'AUTH',
    type: choice('on', 'off'),
    default: 'on',
    text: 'Whether keys are asked for at all.',
    group: 'access',
  },
  apiKey: {
    name: 'API_KEY',
    type: secret(8),
    default: undefined,
    text: 'The key; without one it is made on first start and kept in DATA_DIR.',
    group: 'access',
    changes: 'environment',
  },
  authPlayback: {
    name: 'AUTH_PLAYBACK',
    type: policy,
    default: 'local',
    text: 'Who plays without the key: everybody, local peers, nobody.',
    group: 'access',
  },
  authRead: {
    name: 'AUTH_READ',
    type: policy,
    default: 'local',
    text: 'Who sees engines and streams without the key.',
    group: 'access',
  },
  authMetrics: {
    name: 'AUTH_METRICS',
    type: policy,
    default: 'local',
    text: 'Who reads metrics without the key.',
    group: 'access',
  },
  authMaxFailures: {
    name: 'AUTH_MAX_FAILURES',
    type: integer(0, 100_000),
    default: 30,
    text: 'Wrong keys that an address may show in a minute; 0 for any number.',
    group: 'access',
  },
  trustedProxies: {
    name: 'TRUSTED_PROXIES',
    type: networks(),
    default: [],
    text: 'Reverse proxies whose X-Forwarded-For, -Proto, -Host and -Prefix are believed.',
    group: 'access',
  },
  corsOrigins: {
    name: 'CORS_ORIGINS',
    type: origins(),
    default: [],
    text: 'Pages of other hosts that may use the management API from a browser; playback is open to all.',
    group: 'access',
  },
};
