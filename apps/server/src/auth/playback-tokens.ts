import { createHash, randomBytes, randomUUID } from 'node:crypto';
import { z } from 'zod';
import type { Storage } from '../storage/storage.ts';
import { Grant } from './grant.ts';

/** The document in which tokens survive a restart. */
export const tokensDocument = 'playback_tokens';

/** Tokens that were revoked and are remembered at most. */
const maxRevoked = 1_000;

/** What is kept of a token: never the token itself, which has enough randomness for a plain hash. */
export const playbackTokensSchema = z.array(
  z.object({
    id: z.string(),
    name: z.string(),
    createdAt: z.number(),
    /** SHA-256 in hex. */
    hash: z.string(),
  }),
);

type StoredToken = z.infer<typeof playbackTokensSchema>[number];

/** A named right to play, for players that cannot send headers. Times are Unix milliseconds. */
export interface PlaybackToken {
  readonly id: string;
  readonly name: string;
  readonly createdAt: number;
  /** Not kept over a restart. */
  readonly lastUsedAt: number | undefined;
}

/** Told of a token that opens nothing any more, and what it was let in with, if it ever was. */
export type TokenRevoked = (token: PlaybackToken, grant: Grant | undefined) => void;

/** The tokens of this installation, as the storage has them. */
export class PlaybackTokens {
  readonly #storage: Pick<Storage, 'document' | 'saveDocuments'>;
  readonly #revoked: TokenRevoked;
  readonly #grants = new Map<string, Grant>();
  readonly #lastUsed = new Map<string, number>();
  readonly #revokedHashes = new Set<string>();
  #document: unknown;
  #byHash: ReadonlyMap<string, StoredToken> = new Map();
  #changed: Promise<unknown> = Promise.resolve();

  constructor(storage: Pick<Storage, 'document' | 'saveDocuments'>, revoked: TokenRevoked = () => {}) {
    this.#storage = storage;
    this.#revoked = revoked;
  }

  /** Oldest first. */
  list(): readonly PlaybackToken[] {
    return [...this.#stored().values()].map((token) => this.#shown(token));
  }

  /** What whoever shows `text` is let in with, when that is a token, which counts as used now. */
  admit(text: string): Grant | undefined {
    const token = this.#stored().get(hashOf(text));
    if (token === undefined) return undefined;
    this.#lastUsed.set(token.id, Date.now());
    const grant = this.#grants.get(token.id) ?? new Grant();
    this.#grants.set(token.id, grant);
    return grant;
  }

  /** Whether `text` is a token that was revoked since the start. */
  wasRevoked(text: string): boolean {
    return this.#revokedHashes.has(hashOf(text));
  }

  /** A new token; `text` is told here and never again. Rejects with `storage_unavailable`, and there is no token then. */
  async create(name: string): Promise<{ readonly token: PlaybackToken; readonly text: string }> {
    const text = randomBytes(24).toString('base64url');
    const token = { id: randomUUID(), name, createdAt: Date.now(), hash: hashOf(text) };
    await this.#change((tokens) => [...tokens, token]);
    return { token: this.#shown(token), text };
  }

  /**
   * From here on the token opens nothing, and what it opened has ended. False when there is none with this id. Rejects
   * with `storage_unavailable`.
   */
  async revoke(id: string): Promise<boolean> {
    if (![...this.#stored().values()].some((token) => token.id === id)) return false;
    await this.#change((tokens) => tokens.filter((token) => token.id !== id));
    return true;
  }

  /** The document is another one, as after an import: tokens that are not in it any more are revoked. */
  reload(): void {
    this.#stored();
  }

  /** One change at a time, each of what the one before has left. */
  async #change(edit: (tokens: readonly StoredToken[]) => readonly StoredToken[]): Promise<void> {
    const changed = this.#changed.then(() =>
      this.#storage.saveDocuments({ [tokensDocument]: edit([...this.#stored().values()]) }),
    );
    this.#changed = changed.catch(() => undefined);
    await changed;
    this.reload();
  }

  /** Read again when the document is another one. One that makes no sense has no tokens. */
  #stored(): ReadonlyMap<string, StoredToken> {
    const document = this.#storage.document(tokensDocument);
    if (document !== this.#document) {
      this.#document = document;
      const tokens = playbackTokensSchema.safeParse(document).data ?? [];
      const before = this.#byHash;
      this.#byHash = new Map(tokens.map((token) => [token.hash, token]));
      for (const { hash } of tokens) this.#revokedHashes.delete(hash);
      for (const token of before.values()) if (this.#byHash.get(token.hash)?.id !== token.id) this.#drop(token);
    }
    return this.#byHash;
  }

  #drop(token: StoredToken): void {
    this.#revokedHashes.add(token.hash);
    const [oldest] = this.#revokedHashes;
    if (this.#revokedHashes.size > maxRevoked && oldest !== undefined) this.#revokedHashes.delete(oldest);
    const grant = this.#grants.get(token.id);
    this.#revoked(this.#shown(token), grant);
    this.#grants.delete(token.id);
    this.#lastUsed.delete(token.id);
  }

  #shown({ id, name, createdAt }: StoredToken): PlaybackToken {
    return { id, name, createdAt, lastUsedAt: this.#lastUsed.get(id) };
  }
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
