import { Eye } from 'lucide-react';
import { hrefTo } from '../../address/page-href.ts';
import type { StreamState } from '../../api/types.ts';
import { Sparkline } from '../../charts/sparkline.tsx';
import { formatBitrate } from '../../format/amount.ts';
import { shortId } from '../../format/content.ts';
import { formatCount, formatPlural } from '../../format/number.ts';
import type { StreamSample } from '../../live/stream-samples.ts';
import { useEngineName } from '../../live/use-live.ts';
import { mediaRate } from '../../model/media-rate.ts';
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
  const engine = useEngineName(stream.container_id);
  const rate = formatBitrate(mediaRate(stream));
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
            <span className="num sm:hidden">{rate} </span>
            on {engine}, for <RelativeTime at={stream.started_at} elapsed />
          </span>
        </span>
        <span className="hidden sm:block">
          <Sparkline points={samples.map((sample) => ({ at: sample.at, value: mediaRate(sample.stream) }))} />
        </span>
        <span className="num w-24 text-right text-sm max-sm:hidden">{rate}</span>
        <span className="num flex w-10 items-center justify-end gap-1.5 text-sm font-medium">
          <Eye className="size-4 text-muted" aria-hidden="true" />
          <span aria-hidden="true">{formatCount(stream.clients)}</span>
          <span className="sr-only">{formatPlural(stream.clients, 'viewer')}</span>
        </span>
      </a>
    </li>
  );
}
