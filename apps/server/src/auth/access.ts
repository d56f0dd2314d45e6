import type { AccessPolicy, Config } from '../config/config.ts';

/** What a route gives away or changes; every route belongs to one. */
export type Area =
  /** Nothing worth guarding: liveness, preflight requests. */
  | 'open'
  | 'metrics'
  /** Engines, streams, status, without URLs and secrets. */
  | 'read'
  | 'playback'
  /** What a viewer of HLS has a token of its own for, in the URL: only who may play was given one. */
  | 'viewer'
  /** Everything that changes something. */
  | 'admin';

/** What a request shows of itself. */
export interface Credentials {
  /** Whether it comes from the local network, by {@link ClientAddresses}. */
  readonly local: boolean;
  /** `token` is a playback token, which opens playback and nothing else. */
  readonly key: 'none' | 'right' | 'token' | 'wrong';
}

export type Verdict = 'granted' | 'key_missing' | 'key_wrong';

/** Decides whether a request may enter an area. */
export function decideAccess(area: Area, rules: AccessRules, { local, key }: Credentials): Verdict {
  const policy = policyOf(area, rules);
  if (policy === 'open' || key === 'right' || (key === 'token' && area === 'playback')) return 'granted';
  if (key === 'wrong') return 'key_wrong';
  return policy === 'local' && local ? 'granted' : 'key_missing';
}

export type AccessRules = Pick<Config, 'auth' | 'authMetrics' | 'authPlayback' | 'authRead'>;

function policyOf(area: Area, rules: AccessRules): AccessPolicy {
  if (rules.auth === 'off') return 'open';
  switch (area) {
    case 'open':
    case 'viewer':
      return 'open';
    case 'metrics':
      return rules.authMetrics;
    case 'read':
      return rules.authRead;
    case 'playback':
      return rules.authPlayback;
    case 'admin':
      return 'key';
  }
}
