import type { StreamState } from '../../api/types.ts';
import { formatCount, unknown } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Facts } from '../../ui/stat.tsx';

type Health = NonNullable<StreamState['health']>;

/** ISO/IEC 13818-1 §2.7.2: at most 100 ms between two PCRs. */
const pcrLimitMs = 100;
/** TR 101 290 1.3 and 1.5: at most 500 ms between two PATs and two PMTs. */
const psiLimitMs = 500;

/** How well the bytes are that come from the engine. */
export function StreamHealthCard({ health }: { readonly health: Health }) {
  const interval = (ms: number, limit: number) => (
    <span className={ms > limit ? 'font-medium text-warn' : ''} title={`At most ${limit} ms is right`}>
      {ms === 0 ? unknown : formatDuration(ms)}
    </span>
  );
  const count = (value: number) => (
    <span className={value > 0 ? 'font-medium text-warn' : ''}>{formatCount(value)}</span>
  );
  return (
    <Card title="Transport stream" hint="Measured in the bytes from the engine; the largest of the last seconds.">
      {(health.frozen_hint || health.loop_hint) && (
        <p className="mb-2 flex flex-wrap gap-2">
          {health.frozen_hint && (
            <Badge tone="warn" title="The video hardly carries data">
              The picture may be frozen
            </Badge>
          )}
          {health.loop_hint && (
            <Badge tone="warn" title="The same keyframes come again and again">
              The content may be a loop
            </Badge>
          )}
        </p>
      )}
      <Facts
        facts={[
          ['Codecs', health.codecs.map(({ codec }) => codec).join(', ') || unknown],
          ['Picture', health.resolution?.replace('x', ' × ') ?? unknown],
          ['PCR jitter', formatDuration(health.pcr_jitter_ms)],
          ['Continuity errors', count(health.continuity_errors)],
          ['Damaged packets', count(health.transport_errors)],
          ['Scrambled packets', count(health.scrambled_packets)],
          ['PCR interval', interval(health.pcr_interval_ms, pcrLimitMs)],
          ['PAT interval', interval(health.pat_interval_ms, psiLimitMs)],
          ['PMT interval', interval(health.pmt_interval_ms, psiLimitMs)],
          [
            'Keyframe interval',
            health.keyframe_interval_ms === 0 ? unknown : formatDuration(health.keyframe_interval_ms),
          ],
        ]}
      />
    </Card>
  );
}
