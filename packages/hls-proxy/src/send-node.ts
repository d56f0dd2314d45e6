import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/** Handed to a socket at a time. When it has taken that, its player is still there. */
const SLICE_BYTES = 1024 * 1024;
/** What a socket takes at once, whatever its player does: a playlist. */
const SMALL_BYTES = 65_536;

/**
 * Writes an answer. The views of a segment go to the socket as they are, as many as make a slice in one call to the
 * kernel; nothing is copied, and memory is held until the player has it, has left, or has been silent for too long.
 */
export function sendAnswer(answer: Answer, response: ServerResponse): void {
  const { body, byteLength, session, viewer } = answer;
  response.writeHead(answer.status, answer.headers);
  if (byteLength <= SMALL_BYTES && body.length <= 1) {
    response.end(body[0]);
    session?.sent(viewer, byteLength);
    return;
  }
  if (viewer !== undefined) {
    const connection = { destroy: () => response.destroy() };
    viewer.downloads.add(connection);
    response.once('close', () => viewer.downloads.delete(connection));
  }
  sendFrom(answer, response, 0);
}

type Download = Pick<Answer, 'body' | 'session' | 'viewer'>;

function sendFrom(download: Download, response: ServerResponse, first: number): void {
  const { body, session, viewer } = download;
  let next = first;
  let bytes = 0;
  response.cork();
  while (next < body.length && bytes < SLICE_BYTES) {
    const view = body[next++]!;
    bytes += view.byteLength;
    const isLast = next === body.length || bytes >= SLICE_BYTES;
    response.write(view, isLast ? taken : undefined);
  }
  if (next === body.length) response.end();
  response.uncork();

  function taken(error?: Error | null): void {
    if (error) return;
    session?.sent(viewer, bytes);
    if (viewer !== undefined) session?.audience.touch(viewer, true);
    if (next < body.length) sendFrom(download, response, next);
  }
}
