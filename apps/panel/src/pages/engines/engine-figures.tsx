import { useContainerStats } from '../../api/container-stats.ts';
import type { EngineState } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { formatCount, formatPercent, formatPlural } from '../../format/number.ts';
import { useIsManaged } from '../../live/use-is-managed.ts';
import { useStreams } from '../../live/use-live.ts';
import { viewersOf } from '../../model/viewers-of.ts';
import { Meter } from '../../ui/meter.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Stat, StatRow } from '../../ui/stat.tsx';

/** An engine in six figures; in four where what it uses is not known. */
export function EngineFigures({ engine }: { readonly engine: EngineState }) {
  const { data } = useContainerStats();
  const isManaged = useIsManaged();
  const stats = data?.get(engine.container_id);
  const streams = useStreams().filter(({ container_id }) => container_id === engine.container_id);
  const viewers = viewersOf(streams);
  return (
    <StatRow>
      <Stat
        label="Slots taken"
        value={`${engine.leases} / ${engine.max_leases}`}
        sub={<Meter label="Slots taken" className="mt-2" value={engine.leases} max={engine.max_leases} />}
      />
      <Stat label="Viewers" value={formatCount(viewers)} sub={`of ${formatPlural(streams.length, 'stream')}`} />
      {isManaged && (
        <>
          <Stat label="CPU" value={formatPercent(stats?.cpu_percent)} sub="of one core" />
          <Stat
            label="Memory"
            value={formatBytes(stats?.memory_usage)}
            sub={stats && stats.memory_limit > 0 ? `of ${formatBytes(stats.memory_limit)}` : 'of its container'}
          />
        </>
      )}
      <Stat
        label="Recent failures"
        value={formatCount(engine.penalties)}
        sub="they fade"
        {...(engine.penalties > 0 ? { tone: 'warn' as const } : {})}
      />
      <Stat label="Health check" value={<RelativeTime at={engine.last_health_check} />} sub={engine.health_status} />
    </StatRow>
  );
}
