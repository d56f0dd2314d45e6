import { ShieldCheck } from 'lucide-react';
import type { StreamState } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { formatDuration } from '../../format/time.ts';
import { useLive } from '../../live/use-live.ts';
import { engineName } from '../../model/engine-name.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Empty } from '../../ui/state-views.tsx';

type Splice = StreamState['splices'][number];

const splices = {
  exact: { tone: 'ok', label: 'Exact', text: 'Viewers got the bytes of an uninterrupted stream.' },
  gap: { tone: 'warn', label: 'Gap', text: 'Some of the broadcast is missing; it went on at a keyframe.' },
  cut: { tone: 'warn', label: 'Cut', text: 'The new engine has another timeline; it went on at a keyframe.' },
} as const;

const reasons: Readonly<Record<Splice['reason'], string>> = {
  ended: 'ended its stream',
  reset: 'broke the connection',
  stalled: 'fell silent',
  refused: 'refused the stream',
  'bad-response': 'answered wrongly',
  'no-data': 'sent nothing',
  moved: 'was asked to make room',
};

/** How a stream outlived its engines. */
export function RecoveriesCard({ stream: { splices: all, state } }: { readonly stream: StreamState }) {
  const engines = useLive((state) => state.engines);
  const name = (id: string): string => engineName(engines, id);
  const isSearching = state === 'recovering';
  return (
    <Card title="Recoveries" hint="Each change of engines under the viewers, newest first." flush>
      {isSearching && (
        <p role="status" className="flex items-center gap-3 border-t border-line px-4 py-2.5 text-sm">
          <Badge tone="warn" dot pulse>
            Now
          </Badge>
          Its engine failed. Another one is sought; viewers are still connected.
        </p>
      )}
      {all.length === 0 && isSearching ? null : all.length === 0 ? (
        <Empty icon={ShieldCheck} title="Its engine never failed" compact>
          When it does, another one takes over; how that went is told here.
        </Empty>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {all.toReversed().map((splice) => (
            <li key={`${splice.at}${splice.from}`} className="flex items-start gap-3 px-4 py-2.5">
              <Badge tone={splices[splice.splice].tone} title={splices[splice.splice].text}>
                {splices[splice.splice].label}
              </Badge>
              <div className="min-w-0 flex-1 text-sm">
                <p>
                  {name(splice.from)} {reasons[splice.reason]}; {name(splice.to)} took over.
                </p>
                <p className="num text-xs text-muted">
                  {formatDuration(splice.gap_ms)} without an engine, viewers at most{' '}
                  {formatDuration(splice.client_gap_ms)} without media
                  {splice.skipped_bytes !== null &&
                    splice.skipped_bytes > 0 &&
                    `, ${formatBytes(splice.skipped_bytes)} missing`}
                </p>
              </div>
              <span className="text-xs text-muted">
                <RelativeTime at={splice.at} />
              </span>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}
