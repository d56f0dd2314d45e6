import { CirclePlay, MonitorPlay } from 'lucide-react';
import type { StreamState } from '../../api/types.ts';
import { formatBitrate } from '../../format/amount.ts';
import { shortId } from '../../format/content.ts';
import { formatPlural } from '../../format/number.ts';
import { mediaRate } from '../../model/media-rate.ts';
import { Card } from '../../ui/card.tsx';
import { Empty } from '../../ui/state-views.tsx';

export interface RunningListProps {
  readonly streams: readonly StreamState[];
  readonly className?: string;
  readonly onPick: (stream: StreamState) => void;
}

/** The channels that run already: they start at once. */
export function RunningList({ streams, className, onPick }: RunningListProps) {
  return (
    <Card title="Running now" hint="These start at once." flush {...(className && { className })}>
      {streams.length === 0 ? (
        <Empty icon={MonitorPlay} title="No channel runs" compact />
      ) : (
        <ul className="max-h-96 divide-y divide-line overflow-y-auto border-t border-line">
          {streams
            .toSorted((one, other) => other.clients - one.clients)
            .map((stream) => (
              <li key={stream.id}>
                <button
                  type="button"
                  onClick={() => onPick(stream)}
                  className="flex w-full items-center gap-3 px-4 py-2.5 text-left hover:bg-hover focus-visible:-outline-offset-2"
                >
                  <CirclePlay className="size-4.5 shrink-0 text-accent" aria-hidden="true" />
                  <span className="min-w-0 flex-1">
                    <span className="block truncate font-mono text-sm">{shortId(stream.key, 8)}</span>
                    <span className="num block text-xs text-muted">
                      {formatPlural(stream.clients, 'viewer')}, {formatBitrate(mediaRate(stream))}
                    </span>
                  </span>
                </button>
              </li>
            ))}
        </ul>
      )}
    </Card>
  );
}
