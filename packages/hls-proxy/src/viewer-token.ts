import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 9 random bytes and 9 of their signature, both as base64url. */
export const TOKEN_PATTERN = '[\\w-]{24}';
const HALF = 12;

/** Makes viewers' tokens, and knows its own again after it has forgotten them. */
export class TokenMint {
  readonly #secret = randomBytes(32);

  make(slug: string): string {
    const random = randomBytes(9).toString('base64url');
    return random + this.#sign(slug, random);
  }

  /** Whether this token was made here, for this stream. */
  isOurs(slug: string, token: string): boolean {
    if (token.length !== 2 * HALF) return false;
    const expected = this.#sign(slug, token.slice(0, HALF));
    return timingSafeEqual(Buffer.from(expected), Buffer.from(token.slice(HALF).padEnd(HALF)).subarray(0, HALF));
  }

  #sign(slug: string, random: string): string {
    return createHmac('sha256', this.#secret).update(`${slug}/${random}`).digest('base64url').slice(0, HALF);
  }
}

/** A key as a part of a URL: itself where that can be, else its hash. */
export function slugOf(key: string): string {
  return /^[\w-]{1,64}$/.test(key) ? key : createHash('sha256').update(key).digest('base64url').slice(0, 22);
}
