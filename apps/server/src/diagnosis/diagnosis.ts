import type { StreamContent } from '../streams/stream-book.ts';
import { Attempt } from './attempt.ts';

/** Failed attempts that are kept, and as many of the others: they show what is different when it works. */
const maxKept = 200;

export interface FailedRequest {
  readonly requestId: string;
  readonly streamKey: string;
  readonly content: StreamContent;
  readonly code: string;
  readonly message: string;
}

/** Why contents did or did not play: the last attempts, with every engine that was asked. In memory, bounded. */
export class Diagnosis {
  readonly #now: () => number;
  #attempts: Attempt[] = [];

  /** @param now Unix time in milliseconds. Default `Date.now` */
  constructor(now: () => number = Date.now) {
    this.#now = now;
  }

  /** An attempt begins. */
  begin(streamKey: string, content: StreamContent, isRecovery: boolean): Attempt {
    const attempt = new Attempt({ streamKey, content, isRecovery, at: this.#now() }, this.#now);
    this.#attempts.push(attempt);
    this.#forget();
    return attempt;
  }

  /** A player can begin: it has a keyframe. */
  joined(streamKey: string): void {
    const attempt = this.#attempts.findLast((each) => each.streamKey === streamKey && each.outcome === 'played');
    if (attempt?.steps.every(({ stage }) => stage !== 'keyframe')) attempt.step('keyframe', true);
  }

  /** A player was told that it gets nothing. */
  requestFailed({ requestId, streamKey, content, code, message }: FailedRequest): void {
    const attempt =
      this.#attempts.findLast((each) => each.streamKey === streamKey && each.outcome !== 'played') ??
      this.begin(streamKey, content, false);
    attempt.failed(code, message);
    attempt.requestIds.push(requestId);
    this.#forget();
  }

  /** Attempts that `matches`, newest first. */
  find(matches: (attempt: Attempt) => boolean): readonly Attempt[] {
    return this.#attempts.filter(matches).toReversed();
  }

  #forget(): void {
    for (const failed of [true, false]) {
      const some = this.#attempts.filter(({ outcome }) => (outcome === 'failed') === failed);
      const [oldest] = some;
      if (some.length > maxKept) this.#attempts = this.#attempts.filter((attempt) => attempt !== oldest);
    }
  }
}
