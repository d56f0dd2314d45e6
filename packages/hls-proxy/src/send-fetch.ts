import type { Answer } from './answer.ts';

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 302, 304, 416]);

/** An answer as a `Response`. */
export function toResponse(answer: Answer): Response {
  const { status, headers, body, byteLength, session, viewer } = answer;
  session?.sent(viewer, byteLength);
  if (WITHOUT_BODY.has(status) || body.length === 0) return new Response(null, { status, headers });
  return new Response(streamOf(body), { status, headers });
}

/** Not a byte stream: such a one would take the memory away from everybody else who reads it. */
function streamOf(views: readonly Uint8Array[]): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const view = views[next++];
      if (view === undefined) controller.close();
      else controller.enqueue(view);
    },
  });
}
