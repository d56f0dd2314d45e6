import { createHash, createHmac, randomBytes, timingSafeEqual } from 'node:crypto';

/** 9 random bytes, then 6 that stand for a grant where there is one, then 9 of their signature, as base64url. */
export const TOKEN_PATTERN = '[\\w-]{24}(?:[\\w-]{8})?';
const HALF = 12;
const MARK = 8;

/**
 * Makes viewers' tokens, and knows its own again after it has forgotten them. What a token was given out for is in the
 * token itself, so that a viewer who was away for long cannot outlive its grant.
 */
export class TokenMint {
  readonly #secret = randomBytes(32);
  readonly #revoked = new Set<string>();

  make(slug: string, grant: string | undefined): string {
    const body = randomBytes(9).toString('base64url') + this.#mark(grant);
    return body + this.#sign(slug, body);
  }

  /** Whether this token was made here, for this stream. */
  isOurs(slug: string, token: string): boolean {
    const end = token.length - HALF;
    if (end !== HALF && end !== HALF + MARK) return false;
    const expected = this.#sign(slug, token.slice(0, end));
    return timingSafeEqual(Buffer.from(expected), Buffer.from(token.slice(end)));
  }

  isOf(grant: string | undefined, token: string): boolean {
    return markOf(token) === this.#mark(grant);
  }

  /** From here on no token of this grant is worth anything. */
  revoke(grant: string): void {
    this.#revoked.add(this.#mark(grant));
  }

  isRevoked(grant: string): boolean {
    return this.#revoked.has(this.#mark(grant));
  }

  isWorthless(token: string): boolean {
    return this.#revoked.size > 0 && this.#revoked.has(markOf(token));
  }

  #mark(grant: string | undefined): string {
    return grant === undefined ? '' : this.#hmac(`grant ${grant}`, MARK);
  }

  #sign(slug: string, body: string): string {
    return this.#hmac(`${slug}/${body}`, HALF);
  }

  #hmac(text: string, length: number): string {
    return createHmac('sha256', this.#secret).update(text).digest('base64url').slice(0, length);
  }
}

function markOf(token: string): string {
  return token.slice(HALF, -HALF);
}

/** A key as a part of a URL: itself where that can be, else its hash. */
export function slugOf(key: string): string {
  return /^[\w-]{1,64}$/.test(key) ? key : createHash('sha256').update(key).digest('base64url').slice(0, 22);
}
