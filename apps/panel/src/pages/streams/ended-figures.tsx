import type { StreamState } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { formatCount } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import { Stat, StatRow } from '../../ui/stat.tsx';

/** What there is to say of a stream that runs no more: its sums. */
export function EndedFigures({ stream }: { readonly stream: StreamState }) {
  const { started_at, ended_at, recoveries, sources, downloaded, uploaded } = stream;
  const playedMs = ended_at === null ? undefined : Date.parse(ended_at) - Date.parse(started_at);
  return (
    <StatRow>
      <Stat label="Played for" value={formatDuration(playedMs)} />
      <Stat label="Recoveries" value={formatCount(recoveries)} />
      <Stat label="Engine sessions" value={formatCount(sources)} />
      <Stat label="Downloaded" value={formatBytes(downloaded)} />
      <Stat label="Uploaded" value={formatBytes(uploaded)} />
    </StatRow>
  );
}
