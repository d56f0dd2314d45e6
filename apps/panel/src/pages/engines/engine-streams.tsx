import { MonitorPlay } from 'lucide-react';
import type { EngineState, StreamState } from '../../api/types.ts';
import { useStreamSamples, useStreams } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Empty } from '../../ui/state-views.tsx';
import { StreamLine } from '../streams/stream-line.tsx';

/** What an engine plays. */
export function EngineStreams({ engine }: { readonly engine: EngineState }) {
  const streams = useStreams().filter(({ container_id }) => container_id === engine.container_id);
  return (
    <Card title="Streams on it" flush>
      {streams.length === 0 ? (
        <Empty icon={MonitorPlay} title="It plays nothing now" compact />
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {streams.map((stream) => (
            <Line key={stream.id} stream={stream} />
          ))}
        </ul>
      )}
    </Card>
  );
}

function Line({ stream }: { readonly stream: StreamState }) {
  return <StreamLine stream={stream} samples={useStreamSamples(stream.id)} />;
}
