import type { Clock, SessionEndReason, ViewerEndReason } from './contract.ts';
import type { Announce } from './lifecycle.ts';
import { type Viewer, Viewers } from './viewers.ts';

export interface AudienceOptions {
  readonly key: string;
  readonly clock: Clock;
  readonly announce: Announce;
  readonly lingerMs: number;
  /** How long a viewer may be silent. */
  idleMs(): number;
  /** Nobody has been here for `lingerMs`. */
  deserted(): void;
}

/** Who uses a session: its viewers, and requests that wait before there is a viewer. */
export class Audience {
  readonly viewers: Viewers;
  readonly #options: AudienceOptions;
  #waiting = 0;
  #started = 0;
  #closed = false;
  /** Whether anybody has been here yet. */
  #used = false;
  #cancelSweep: (() => void) | undefined;
  #cancelLinger: (() => void) | undefined;
  #lingerSinceMs: number | undefined;

  constructor(options: AudienceOptions) {
    this.#options = options;
    this.viewers = new Viewers(options.clock);
  }

  /** Since when nobody is here. */
  get lingerSinceMs(): number | undefined {
    return this.#lingerSinceMs;
  }

  /** Viewers that have counted so far. */
  get started(): number {
    return this.#started;
  }

  /** A viewer asks for something. From its first segment on it counts. */
  touch(viewer: Viewer, segment: boolean): void {
    if (this.#closed) return;
    this.#used = true;
    viewer.lastActiveMs = this.#options.clock.now();
    if (segment && !viewer.counted) {
      viewer.counted = true;
      this.#started++;
      const { id, address, userAgent } = viewer;
      this.#options.announce('viewerStart', { key: this.#options.key, viewer: id, address, userAgent });
    }
    if (this.#cancelSweep === undefined) this.settle();
  }

  /** Holds the session while something is waited for. */
  async during<Value>(wait: Promise<Value>): Promise<Value> {
    this.#waiting++;
    this.#used = true;
    if (this.#lingerSinceMs !== undefined) this.settle();
    try {
      return await wait;
    } finally {
      this.#waiting--;
      if (this.#cancelSweep === undefined) this.settle();
    }
  }

  /** Lets go of viewers that have left, and starts or stops the linger. One timer, whatever the number of viewers. */
  settle(): void {
    if (this.#closed) return;
    const { clock, lingerMs } = this.#options;
    const idleMs = this.#options.idleMs();
    this.#cancelSweep?.();
    this.#cancelSweep = undefined;
    for (const viewer of this.viewers.sweep(idleMs)) this.#announceEnd(viewer, 'idle');
    const nextMs = this.viewers.nextSweepMs(idleMs);
    if (nextMs !== undefined) this.#cancelSweep = clock.after(nextMs, () => this.settle());
    if (nextMs !== undefined || this.#waiting > 0) this.#stopLinger();
    else if (this.#lingerSinceMs === undefined) {
      this.#lingerSinceMs = clock.now();
      this.#cancelLinger = clock.after(lingerMs, () => this.#options.deserted());
      if (this.#used) this.#options.announce('sessionLinger', { key: this.#options.key });
    }
  }

  /** Lets go of viewers at once; tells how many of them counted. */
  dismiss(isWorthless: (token: string) => boolean, reason: Error): number {
    const gone = this.viewers.dismiss(isWorthless, reason);
    for (const viewer of gone) this.#announceEnd(viewer, 'revoked');
    if (gone.length > 0) this.settle();
    return gone.filter(({ counted }) => counted).length;
  }

  /** The session has ended, and everybody with it. */
  close(reason: SessionEndReason): void {
    this.#closed = true;
    this.#cancelSweep?.();
    this.#stopLinger();
    for (const viewer of this.viewers.all()) {
      this.#announceEnd(viewer, reason);
      for (const download of viewer.downloads) download.destroy();
    }
  }

  #stopLinger(): void {
    this.#cancelLinger?.();
    this.#cancelLinger = undefined;
    this.#lingerSinceMs = undefined;
  }

  #announceEnd({ id, address, userAgent, startedMs, bytesSent, counted }: Viewer, reason: ViewerEndReason): void {
    if (!counted) return;
    const durationMs = this.#options.clock.now() - startedMs;
    this.#options.announce('viewerEnd', {
      ...{ key: this.#options.key, viewer: id, address, userAgent },
      ...{ reason, durationMs, bytesSent },
    });
  }
}
