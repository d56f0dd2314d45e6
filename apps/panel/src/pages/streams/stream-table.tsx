import { Activity, SearchX } from 'lucide-react';
import { useDeferredValue } from 'react';
import type { EngineState, StreamState } from '../../api/types.ts';
import { useLive } from '../../live/use-live.ts';
import { engineName } from '../../model/engine-name.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { FoundCount } from '../../ui/found-count.tsx';
import type { RowSelection } from '../../ui/row-selection.tsx';
import { Empty } from '../../ui/state-views.tsx';
import { streamColumns } from './stream-columns.tsx';

export interface StreamTableProps {
  readonly streams: readonly StreamState[];
  /** A part of an id, or of an engine's name. */
  readonly filter: string;
  readonly ended?: boolean;
  /** Lets streams be chosen and acted on. */
  readonly selection?: RowSelection<StreamState> | undefined;
}

/** The streams that fit a filter, or why there is none. */
export function StreamTable({ streams, filter, ended = false, selection }: StreamTableProps) {
  const engines = useLive((state) => state.engines);
  const wanted = useDeferredValue(filter.trim().toLowerCase());
  const rows = streams.filter((stream) => hasText(stream, wanted, engines));
  return (
    <>
      <FoundCount found={rows.length} total={streams.length} things="streams" isFiltered={wanted !== ''} />
      <div className="card">
        {rows.length > 0 ? (
          <DataTable
            label={ended ? 'Ended streams' : 'Playing streams'}
            columns={streamColumns(engines, { ended, canChange: selection !== undefined })}
            rows={rows}
            rowKey={({ id }) => id}
            sortBy={ended ? 'ended' : 'viewers'}
            selection={selection}
          />
        ) : streams.length > 0 ? (
          <Empty icon={SearchX} title="No stream fits the filter" />
        ) : ended ? (
          <Empty icon={Activity} title="No stream has ended yet">
            The last ones are remembered here, with the reason.
          </Empty>
        ) : (
          <Empty icon={Activity} title="Nothing plays">
            A channel shows up here as soon as a player opens it.
          </Empty>
        )}
      </div>
    </>
  );
}

function hasText(
  { id, key, infohash, container_id }: StreamState,
  wanted: string,
  engines: ReadonlyMap<string, EngineState>,
): boolean {
  if (wanted === '') return true;
  const texts = [id, key, infohash, container_id, engineName(engines, container_id)];
  return texts.some((text) => text.toLowerCase().includes(wanted));
}
