import type { StreamState } from '../../api/types.ts';
import { formatBitrate, formatKilobyteRate } from '../../format/amount.ts';
import { formatCount, unknown } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { behindLiveMs } from '../../model/livepos.ts';
import { mediaRate } from '../../model/media-rate.ts';
import { Stat, StatRow } from '../../ui/stat.tsx';

/** A stream in six figures. */
export function StreamFigures({ stream }: { readonly stream: StreamState }) {
  // What a lost engine said of its swarm is over.
  const isFed = stream.state !== 'recovering';
  const behind = isFed ? behindLiveMs(stream.livepos) : undefined;
  return (
    <StatRow>
      <Stat label="Viewers" value={formatCount(stream.clients)} sub="connected now" />
      <Stat
        label="Bitrate"
        value={formatBitrate(mediaRate(stream))}
        sub={stream.health?.resolution?.replace('x', ' × ') ?? unknown}
      />
      <Stat
        label="Peers"
        value={isFed ? formatCount(stream.peers) : unknown}
        sub="in the swarm"
        {...(isFed && stream.peers === 0 ? { tone: 'warn' as const } : {})}
      />
      <Stat
        label="P2P down"
        value={isFed ? formatKilobyteRate(stream.speed_down) : unknown}
        sub={`${isFed ? formatKilobyteRate(stream.speed_up) : unknown} up`}
      />
      <Stat
        label="Recoveries"
        value={formatCount(stream.recoveries)}
        sub={`${formatCount(stream.sources)} engine ${stream.sources === 1 ? 'session' : 'sessions'}`}
      />
      <Stat label="Engine behind live" value={formatDuration(behind)} sub="as the engine says" />
    </StatRow>
  );
}
