import type { OrchestratorStatus } from '../../api/types.ts';
import { formatBitrate } from '../../format/amount.ts';
import { formatCount, formatSignificant, unknown } from '../../format/number.ts';
import { totalOf } from '../../live/total-samples.ts';
import { useLive, useStreams } from '../../live/use-live.ts';
import { streamLook } from '../../model/stream-look.ts';
import { Meter } from '../../ui/meter.tsx';
import { Stat, StatRow } from '../../ui/stat.tsx';

/** The state in six figures. */
export function Figures() {
  const status = useLive((state) => state.status);
  const streams = useStreams();
  const total = totalOf(streams, 0);
  const troubled = streams.filter((stream) => streamLook(stream).tone === 'warn').length;
  const engines = status?.engines;
  const capacity = status?.capacity;
  const isFull = capacity !== undefined && capacity.total > 0 && capacity.available <= 0;
  return (
    <StatRow>
      <Stat
        label="Streams playing"
        value={formatCount(total.streams)}
        {...(troubled > 0 ? { tone: 'warn' as const } : {})}
        sub={total.streams === 0 ? 'none' : troubled === 0 ? 'all of them well' : `${formatCount(troubled)} in trouble`}
      />
      <Stat label="Viewers" value={formatCount(total.viewers)} sub={perStream(total.viewers, total.streams)} />
      <Stat
        label="Engines healthy"
        value={engines === undefined ? unknown : `${engines.healthy} / ${engines.total}`}
        {...(engines !== undefined && engines.healthy < engines.total ? { tone: 'bad' as const } : {})}
        sub={engines === undefined ? unknown : enginesText(engines)}
      />
      <Stat
        label="Slots taken"
        value={capacity === undefined ? unknown : `${capacity.used} / ${capacity.total}`}
        {...(isFull ? { tone: 'warn' as const } : {})}
        sub={
          capacity && (
            <Meter
              label="Slots taken"
              className="mt-2"
              value={capacity.used}
              max={capacity.total}
              tone={isFull ? 'warn' : 'accent'}
            />
          )
        }
      />
      <Stat label="From engines" value={formatBitrate(total.inBitsPerSecond)} sub="media rate" />
      <Stat label="To viewers" value={formatBitrate(total.outBitsPerSecond)} sub="media rate" />
    </StatRow>
  );
}

function enginesText({ healthy, total }: OrchestratorStatus['engines']): string {
  if (total === 0) return 'there is none';
  return healthy === total ? 'all answer' : `${formatCount(total - healthy)} not ready`;
}

function perStream(viewers: number, streams: number): string {
  return streams === 0 ? 'nobody watches' : `${formatSignificant(viewers / streams)} per stream`;
}
