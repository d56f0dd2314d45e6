/** What the simulator does with a flag of the real engine. */
export interface RealFlag {
  readonly takesValue: boolean;
  /** True for flags the simulator obeys; the others are accepted and have no effect. */
  readonly obeyed: boolean;
}

const withValue = (names: string): [string, RealFlag][] =>
  names.split(' ').map((name) => [name, { takesValue: true, obeyed: false }]);
const alone = (names: string): [string, RealFlag][] =>
  names.split(' ').map((name) => [name, { takesValue: false, obeyed: false }]);

/** Flags of real engines, without their dashes. */
export const REAL_FLAGS: ReadonlyMap<string, RealFlag> = new Map<string, RealFlag>([
  ...withValue('port api-port https-port state-dir cache-dir cache-limit cache-max-bytes login password access-token'),
  ...withValue(
    'make-default-access-token log-file log-stdout-level log-file-mode log-max-size log-backup-count log-modules log-debug',
  ),
  ...withValue('live-cache-type live-disk-cache-size vod-cache-type vod-cache-size vod-buffer vod-drop-max-age'),
  ...withValue(
    'max-connections max-peers max-upload-slots download-limit upload-limit max-download-speed max-upload-speed',
  ),
  ...withValue('stats-report-interval refill-buffer-interval check-live-pos-interval core-dlr-periodic-check-interval'),
  ...alone(
    'client-gtk cache-auto use-internal-buffering log-stdout log-stderr upnp-enabled disable-upnp disable-sentry',
  ),
  ...alone('allow-user-config live-disable-multiple-read-threads live-stop-main-read-thread'),
  ['client-console', { takesValue: false, obeyed: true }],
  ['http-port', { takesValue: true, obeyed: true }],
  ['bind-all', { takesValue: false, obeyed: true }],
  ['service-remote-access', { takesValue: false, obeyed: true }],
  ['live-buffer', { takesValue: true, obeyed: true }],
  ['live-buffer-time', { takesValue: true, obeyed: true }],
  ['live-cache-size', { takesValue: true, obeyed: true }],
  ['live-mem-cache-size', { takesValue: true, obeyed: true }],
]);
