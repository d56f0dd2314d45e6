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
  let over = (): void => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      if (viewer === undefined) return;
      const download = {
        destroy: () => controller.error(new DOMException('The viewer was let go', 'AbortError')),
      };
      viewer.downloads.add(download);
      over = () => viewer.downloads.delete(download);
    },
    cancel: () => over(),
    pull(controller) {
      const view = body[next++];
      if (view === undefined) {
        over();
        return controller.close();
      }
      controller.enqueue(view);
      session?.sent(viewer, view.byteLength);
      if (viewer !== undefined) session?.audience.touch(viewer, false);
    },
  });
}
