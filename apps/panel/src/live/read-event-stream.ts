import { createParser } from 'eventsource-parser';

export interface ServerSentEvent {
  readonly id: string | undefined;
  readonly name: string;
  readonly data: string;
}

export interface ReadOptions {
  readonly signal: AbortSignal;
  onEvent(event: ServerSentEvent): void;
  /** Longest silence, comments included, before the connection counts as dead. Default 40 000 ms. */
  readonly silenceMs?: number;
}

/**
 * Reads server-sent events from the body of an answer until it ends. The browser's own EventSource is not used since it
 * cannot send the key in a header.
 *
 * @throws the reason of `signal`, or `TimeoutError` after a silence.
 */
export async function readEventStream(
  body: ReadableStream<Uint8Array>,
  { signal, onEvent, silenceMs = 40_000 }: ReadOptions,
): Promise<void> {
  const parser = createParser({
    onEvent: ({ id, event, data }) => onEvent({ id, name: event ?? 'message', data }),
  });
  const reader = body.getReader();
  const decoder = new TextDecoder();
  let silence: ReturnType<typeof setTimeout> | undefined;
  const stop = (reason: unknown): void => void reader.cancel(reason).catch(() => undefined);
  const silent = new DOMException('The server fell silent.', 'TimeoutError');
  const onAbort = (): void => stop(signal.reason);
  signal.addEventListener('abort', onAbort);
  let isSilent = false;
  try {
    for (;;) {
      signal.throwIfAborted();
      silence = setTimeout(() => {
        isSilent = true;
        stop(silent);
      }, silenceMs);
      const { done, value } = await reader.read();
      clearTimeout(silence);
      if (isSilent) throw silent;
      signal.throwIfAborted();
      if (done) return;
      parser.feed(decoder.decode(value, { stream: true }));
    }
  } finally {
    clearTimeout(silence);
    signal.removeEventListener('abort', onAbort);
    stop(undefined);
  }
}
