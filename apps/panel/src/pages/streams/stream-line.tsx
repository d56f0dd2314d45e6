import { Eye } from 'lucide-react';
import type { StreamState } from '../../api/types.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatBitrate } from '../../format/amount.ts';
import { shortId } from '../../format/content.ts';
import { formatCount, formatPlural } from '../../format/number.ts';
import { hrefTo } from '../../format/route.ts';
import type { StreamSample } from '../../live/stream-samples.ts';
import { useLive } from '../../live/use-live.ts';
import { streamLook } from '../../model/stream-look.ts';
import { Badge } from '../../ui/badge.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

export interface StreamLineProps {
  readonly stream: StreamState;
  readonly samples: readonly StreamSample[];
}

/** A stream in a list, as a link to its page. */
export function StreamLine({ stream, samples }: StreamLineProps) {
  const look = streamLook(stream);
  const engine = useLive((state) => state.engines.get(stream.container_id)?.container_name ?? stream.container_id);
  return (
    <li>
      <a href={hrefTo('streams', stream.id)} className="flex items-center gap-4 px-4 py-2.5 hover:bg-hover">
        <span className="min-w-0 flex-1">
          <span className="flex items-center gap-2">
            <span className="truncate font-mono text-sm font-medium">{shortId(stream.key, 8)}</span>
            <Badge tone={look.tone} dot pulse={look.moving} title={look.text}>
              {look.label}
            </Badge>
          </span>
          <span className="block truncate text-xs text-muted">
            on {engine}, for <RelativeTime at={stream.started_at} elapsed />
          </span>
        </span>
        <span className="hidden sm:block">
          <Sparkline points={samples.map(({ at, stream: { bitrate } }) => ({ at, value: bitrate }))} />
        </span>
        <span className="num w-24 text-right text-sm">{formatBitrate(stream.bitrate)}</span>
        <span className="num flex w-10 items-center justify-end gap-1.5 text-sm font-medium">
          <Eye className="size-4 text-muted" aria-hidden="true" />
          <span aria-hidden="true">{formatCount(stream.clients)}</span>
          <span className="sr-only">{formatPlural(stream.clients, 'viewer')}</span>
        </span>
      </a>
    </li>
  );
}
