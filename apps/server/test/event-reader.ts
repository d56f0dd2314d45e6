import { get, type IncomingMessage } from 'node:http';
import { eventually } from './eventually.ts';

export interface ReceivedEvent {
  readonly id: string | undefined;
  readonly name: string;
  // biome-ignore lint/suspicious/noExplicitAny: what a message holds is what the test checks.
  readonly data: any;
}

/** Reads server-sent events over a connection of its own. */
export class EventReader implements Disposable {
  readonly events: ReceivedEvent[] = [];
  comments = 0;
  readonly response: Promise<IncomingMessage>;
  /** Resolves when the connection has ended. */
  readonly ended: Promise<void>;
  readonly #request: ReturnType<typeof get>;
  #text = '';

  constructor(url: string, headers: Readonly<Record<string, string>> = {}) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.ended = promise;
    this.#request = get(url, { agent: false, headers });
    this.#request.on('error', () => resolve());
    this.response = new Promise((answered) => this.#request.once('response', answered));
    void this.response.then((response) => {
      response.setEncoding('utf8');
      response.on('data', (chunk: string) => this.#take(chunk));
      response.on('error', () => {});
      response.once('close', resolve);
    });
  }

  #take(chunk: string): void {
    const blocks = (this.#text + chunk).split('\n\n');
    this.#text = blocks.pop() ?? '';
    for (const block of blocks) {
      const fields = new Map(block.split('\n').map((line) => line.split(/: (.*)/s) as [string, string]));
      const name = fields.get('event');
      if (name === undefined) this.comments += 1;
      else this.events.push({ id: fields.get('id'), name, data: JSON.parse(fields.get('data') ?? '') });
    }
  }

  /** Waits for an event, also one that came already, and returns it. */
  async next(
    name: string,
    matches: (data: ReceivedEvent['data']) => boolean = () => true,
    timeoutMs?: number,
  ): Promise<ReceivedEvent> {
    return eventually(() => this.events.find((event) => event.name === name && matches(event.data)), timeoutMs);
  }

  /** Takes no more bytes until {@link resume}. */
  async pause(): Promise<void> {
    (await this.response).pause();
  }

  async resume(): Promise<void> {
    (await this.response).resume();
  }

  [Symbol.dispose](): void {
    this.#request.destroy();
  }
}
