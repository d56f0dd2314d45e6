import { MonitorPlay } from 'lucide-react';
import type { StreamState } from '../../api/types.ts';
import { useStreamSamples, useStreams } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Empty } from '../../ui/state-views.tsx';
import { StreamLine } from '../streams/stream-line.tsx';

const shown = 8;

/** The most watched streams. */
export function PlayingNow() {
  const streams = useStreams().toSorted((one, other) => other.clients - one.clients || byStart(one, other));
  const more = streams.length - shown;
  return (
    <Card
      title="Playing now"
      flush
      actions={
        <a href="#/streams" className="text-sm font-medium text-accent hover:underline">
          All streams
        </a>
      }
    >
      {streams.length === 0 ? (
        <Empty icon={MonitorPlay} title="Nothing plays">
          Open a channel in a player, or{' '}
          <a className="text-accent underline underline-offset-4" href="#/play">
            here in the page
          </a>
          : it shows up at once.
        </Empty>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {streams.slice(0, shown).map((stream) => (
            <Line key={stream.id} stream={stream} />
          ))}
          {more > 0 && (
            <li>
              <a href="#/streams" className="block px-4 py-2.5 text-center text-sm text-muted hover:bg-hover">
                and {more} more
              </a>
            </li>
          )}
        </ul>
      )}
    </Card>
  );
}

function Line({ stream }: { readonly stream: StreamState }) {
  return <StreamLine stream={stream} samples={useStreamSamples(stream.id)} />;
}

function byStart(one: StreamState, other: StreamState): number {
  return one.started_at < other.started_at ? 1 : -1;
}
