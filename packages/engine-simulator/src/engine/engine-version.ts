/** What one engine version says of itself. */
export interface EngineVersion {
  /** Such as `3.2.11`. */
  readonly version: string;
  /** Such as `3021100`: major, minor and patch, then zeros up to seven digits. */
  readonly code: number;
  /** The `Server` header: Python 2.7 up to 3.1, Python 3.10 from 3.2 on. */
  readonly serverHeader: string;
  /** 3.2 and newer report a `websocket_port`. */
  readonly hasWebsocketPort: boolean;
  /** 3.1.29 and newer know `pid`; older ones only its predecessor `sid`. */
  readonly knowsPid: boolean;
}

const VERSION = /^(\d)\.(\d)\.(\d{1,3})$/;

/** Throws `RangeError` for anything but `major.minor.patch`. */
export function describeVersion(version: string): EngineVersion {
  const match = VERSION.exec(version);
  if (!match) throw new RangeError(`version must look like 3.2.11, not "${version}"`);
  const [, major, minor, patch = ''] = match;
  const release = Number(major) * 10_000 + Number(minor) * 1_000 + Number(patch);
  const modern = release >= 32_000;
  // 3.1.70 is 3017000 and 3.2.11 is 3021100, but 3.2.3 is 3020300.
  const code = `${major}0${minor}${patch.padStart(2, '0')}`.padEnd(7, '0');
  return {
    version,
    code: Number(code),
    serverHeader: modern ? 'BaseHTTP/0.6 Python/3.10' : 'BaseHTTP/0.3 Python/2.7.13',
    hasWebsocketPort: modern,
    knowsPid: release >= 31_029,
  };
}
