import { useQuery } from '@tanstack/react-query';
import { useRef } from 'react';
import { api, body } from '../../api/client.ts';
import type { StreamState } from '../../api/types.ts';
import { useLive } from '../../live/use-live.ts';

export interface FoundStream {
  readonly stream: StreamState | undefined;
  readonly error: Error | null;
}

/** A stream by its id, or by the content that it plays: as the live feed tells it, or as it was when it ended. */
export function useStream(id: string): FoundStream {
  const loaded = useLive((state) => state.loaded);
  const live = useLive(({ streams }) => streams.get(id) ?? streamOfContent(streams, id));
  // One that has just ended stays in sight until the server has said why.
  const last = useRef<StreamState>(undefined);
  if (live !== undefined) last.current = live;
  const { data, error } = useQuery({
    queryKey: ['stream', id],
    queryFn: ({ signal }) => body(api.GET('/api/v1/streams/{id}', { params: { path: { id } }, signal })),
    enabled: loaded && live === undefined,
  });
  return { stream: live ?? data ?? last.current, error };
}

function streamOfContent(streams: ReadonlyMap<string, StreamState>, content: string): StreamState | undefined {
  for (const stream of streams.values()) if (stream.key === content || stream.infohash === content) return stream;
  return undefined;
}
