/** Remembers for a while which engines failed, and which content failed on which engine. */
export class FailureMemory {
  readonly #memoryMs: number;
  /** Engine id → when each of its failures is forgotten, soonest first. */
  readonly #engines = new Map<string, number[]>();
  /** Engine id and content → when that is forgotten. Insertion order is the order of forgetting. */
  readonly #contents = new Map<string, number>();

  constructor(memoryMs: number) {
    this.#memoryMs = memoryMs;
  }

  engineFailed(engineId: string, now: number): void {
    const failures = this.#recent(engineId, now);
    failures.push(now + this.#memoryMs);
    this.#engines.set(engineId, failures);
  }

  contentFailed(engineId: string, contents: Iterable<string>, now: number): void {
    for (const [name, forgottenAt] of this.#contents) {
      if (forgottenAt > now) break;
      this.#contents.delete(name);
    }
    for (const content of contents) {
      const name = join(engineId, content);
      this.#contents.delete(name);
      this.#contents.set(name, now + this.#memoryMs);
    }
  }

  engineFailures(engineId: string, now: number): number {
    return this.#recent(engineId, now).length;
  }

  hasContentFailed(engineId: string, contents: Iterable<string>, now: number): boolean {
    for (const content of contents) {
      const forgottenAt = this.#contents.get(join(engineId, content));
      if (forgottenAt !== undefined && forgottenAt > now) return true;
    }
    return false;
  }

  forgetEngine(engineId: string): void {
    this.#engines.delete(engineId);
  }

  #recent(engineId: string, now: number): number[] {
    const failures = this.#engines.get(engineId)?.filter((forgottenAt) => forgottenAt > now) ?? [];
    if (failures.length === 0) this.#engines.delete(engineId);
    return failures;
  }
}

function join(engineId: string, content: string): string {
  return `${engineId}\n${content}`;
}
