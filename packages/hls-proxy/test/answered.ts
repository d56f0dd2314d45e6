import { subscribe } from 'node:diagnostics_channel';

/** Requests of this process that undici has sent and that have not been answered to the end. */
const open = new Set<unknown>();
subscribe('undici:request:create', (message) => void open.add((message as { request: unknown }).request));
for (const end of ['undici:request:trailers', 'undici:request:error']) {
  subscribe(end, (message) => void open.delete((message as { request: unknown }).request));
}

/**
 * Resolves when every request has been answered and what follows from the answers has happened: whoever waits then waits
 * for the clock.
 *
 * @param hanging requests that are not going to be answered
 */
export async function answered(hanging = 0): Promise<void> {
  do await new Promise((resolve) => setImmediate(resolve));
  while (open.size > hanging);
}
