import { useQuery } from '@tanstack/react-query';
import { FileText } from 'lucide-react';
import { useDeferredValue, useState } from 'react';
import { api, body } from '../../api/client.ts';
import type { EngineState } from '../../api/types.ts';
import { useTotals } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Input } from '../../ui/field.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';
import { LogLines } from './log-lines.tsx';

const tail = 500;
const refreshMs = 3_000;

/** The last lines that an engine's container wrote, kept up to date, searched. */
export function EngineLog({ engine }: { readonly engine: EngineState }) {
  const [search, setSearch] = useState('');
  const [follow, setFollow] = useState(true);
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const queryKey = ['engine-log', engine.container_id];
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: async ({ signal }) => {
      const { logs } = await body(
        api.GET('/api/v1/containers/{id}/logs', {
          params: { path: { id: engine.container_id }, query: { tail, timestamps: 'true' } },
          signal,
        }),
      );
      return logs.split('\n').filter((line) => line !== '');
    },
    retry: false,
  });
  const totals = useTotals();
  useLiveRefresh(queryKey, follow && error === null ? totals : undefined, refreshMs);
  const lines = (data ?? []).filter((line) => wanted === '' || line.toLowerCase().includes(wanted));
  return (
    <Card
      title="Log"
      hint={`The last ${tail} lines of its container`}
      flush
      actions={
        data !== undefined && (
          <div className="flex items-center gap-3">
            <label className="flex items-center gap-2 text-sm text-muted">
              <input
                type="checkbox"
                className="accent-(--color-accent)"
                checked={follow}
                onChange={(event) => setFollow(event.target.checked)}
              />
              Follow
            </label>
            <Input
              type="search"
              className="w-44 sm:w-60"
              placeholder="Search"
              aria-label="Search the log"
              value={search}
              onChange={(event) => setSearch(event.target.value)}
            />
          </div>
        )
      }
    >
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : lines.length === 0 ? (
        <Empty icon={FileText} title={data.length === 0 ? 'It has written nothing' : 'No line has that'} compact />
      ) : (
        <LogLines lines={lines} search={wanted} follow={follow} />
      )}
    </Card>
  );
}
