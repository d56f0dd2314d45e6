import type { Answer } from './answer.ts';

const WITHOUT_BODY: ReadonlySet<number> = new Set([204, 302, 304, 416]);

/** An answer as a `Response`. */
export function toResponse(answer: Answer): Response {
  const { status, headers, body } = answer;
  if (WITHOUT_BODY.has(status) || body.length === 0) return new Response(null, { status, headers });
  return new Response(streamOf(answer), { status, headers });
}

/** Not a byte stream: such a one would take the memory away from everybody else who reads it. */
function streamOf({ body, session, viewer }: Answer): ReadableStream<Uint8Array> {
  let next = 0;
  return new ReadableStream<Uint8Array>({
    pull(controller) {
      const view = body[next++];
      if (view === undefined) return controller.close();
      controller.enqueue(view);
      session?.sent(viewer, view.byteLength);
      if (viewer !== undefined) session?.audience.touch(viewer, false);
    },
  });
}
