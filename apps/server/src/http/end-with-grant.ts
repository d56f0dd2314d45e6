import type { ServerResponse } from 'node:http';
import type { Grant } from '../auth/grant.ts';

/** Cuts an answer off that goes on when the grant of its request is withdrawn. One that has not begun hears it by the signal. */
export function endWithGrant(grant: Grant, response: ServerResponse): AbortSignal {
  const end = new AbortController();
  const release = grant.hold((reason) => {
    const goesOn = response.headersSent && !response.writableEnded;
    // A reset, and before anybody else closes it: what the kernel has and the player has not read is not for it any more.
    if (goesOn) response.socket?.resetAndDestroy();
    end.abort(reason);
    return goesOn;
  });
  response.once('close', release);
  return end.signal;
}
