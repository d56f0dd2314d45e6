import { ApiError } from '../api-error.ts';
import type { Grant } from '../auth/grant.ts';
import type { PlaybackToken } from '../auth/playback-tokens.ts';
import type { Log } from '../log.ts';
import type { Services } from '../services.ts';

export interface RevocationOptions extends Pick<Services, 'events' | 'hls'> {
  readonly log: Log;
}

/** Ends what was opened with a token or a key that opens nothing any more, and says so. */
export class Revocation {
  readonly #options: RevocationOptions;

  constructor(options: RevocationOptions) {
    this.#options = options;
  }

  /** `grant` is missing when nothing was ever opened with the token. */
  tokenRevoked({ id, name }: PlaybackToken, grant: Grant | undefined): void {
    const ended =
      grant === undefined ? 0 : this.#end(grant, 'The playback token that this was opened with was revoked.');
    this.#options.log.info({ token_id: id, name, ended }, 'playback token revoked');
    this.#record('token_revoked', `Playback token "${name}" was revoked`, ended, { token_id: id, name });
  }

  keyReplaced(grant: Grant): void {
    const ended = this.#end(grant, 'The API key that this was opened with is another one now.');
    this.#options.log.warn({ ended }, 'API key replaced');
    this.#record('key_replaced', 'The API key was replaced', ended, {});
  }

  #end(grant: Grant, message: string): number {
    return grant.withdraw(new ApiError(403, 'access_revoked', message)) + this.#options.hls.revoke(grant.id);
  }

  #record(category: string, what: string, ended: number, details: Readonly<Record<string, unknown>>): void {
    this.#options.events.record({
      type: 'system',
      category,
      message: `${what}; players and readers that ended with it: ${ended}.`,
      details: { ...details, ended },
    });
  }
}
