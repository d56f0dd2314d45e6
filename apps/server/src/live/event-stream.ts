import type { ServerResponse } from 'node:http';
import type { LiveListener, LiveMessage } from './live-feed.ts';

/** A reader that has so much unread is told nothing more until it has caught up. */
const maxBufferedBytes = 1024 * 1024;

export interface EventStreamOptions {
  readonly response: ServerResponse;
  readonly privileged: boolean;
  /** Which messages this reader wants. Default all. */
  readonly wants?: (message: LiveMessage) => boolean;
  /** Called when a slow reader has caught up, after it was told what it lost: makes good for that. */
  readonly onCaughtUp: (stream: EventStream) => void;
}

/**
 * One reader of server-sent events (HTML Living Standard §9.2). A slow one loses messages and is told how many; nobody
 * waits for it, and what it may leave unread is bounded.
 */
export class EventStream implements LiveListener {
  readonly privileged: boolean;
  readonly #options: EventStreamOptions;
  #lost = 0;

  constructor(options: EventStreamOptions) {
    this.#options = options;
    this.privileged = options.privileged;
    options.response.on('drain', () => this.#caughtUp());
    // What breaks is told by 'close'.
    options.response.on('error', () => {});
  }

  deliver(message: LiveMessage): void {
    if (this.#options.wants?.(message) === false) return;
    if (this.#lost > 0 || this.#options.response.writableLength > maxBufferedBytes) this.#lost += 1;
    else this.send(message.name, message.text(this.privileged), message.id);
  }

  /** Sends one message whatever the reader has left unread. */
  send(name: string, json: string, id: string): void {
    this.#options.response.write(`id: ${id}\nevent: ${name}\ndata: ${json}\n\n`);
  }

  /** Something to keep the connection open; a reader that is behind has enough of that. */
  comment(): void {
    if (this.#lost === 0) this.#options.response.write(':\n\n');
  }

  #caughtUp(): void {
    if (this.#lost === 0) return;
    this.#options.response.write(`event: lost\ndata: ${JSON.stringify({ count: this.#lost })}\n\n`);
    this.#lost = 0;
    this.#options.onCaughtUp(this);
  }
}
