import type { ServerResponse } from 'node:http';
import type { Answer } from './answer.ts';

/**
 * Writes an answer. The views of a segment go to the socket as they are, in one call to the kernel where it takes them;
 * nothing is copied, and memory is held until the player has it.
 */
export function sendAnswer(answer: Answer, response: ServerResponse): void {
  const { body, byteLength, session, viewer } = answer;
  response.writeHead(answer.status, answer.headers);
  if (body.length <= 1) {
    response.end(body[0]);
    session?.sent(viewer, byteLength);
    if (byteLength < SMALL_BYTES) return;
  } else {
    response.cork();
    for (const view of body) response.write(view);
    response.end();
    response.uncork();
    session?.sent(viewer, byteLength);
  }
  if (viewer === undefined || session === undefined) return;
  // A slow download is no silence.
  viewer.inFlight++;
  response.once('close', () => {
    viewer.inFlight--;
    session.audience.touch(viewer, true);
  });
}

/** What a socket takes at once: a playlist. */
const SMALL_BYTES = 65_536;
