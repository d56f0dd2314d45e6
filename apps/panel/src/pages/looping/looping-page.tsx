import { useQuery, useQueryClient } from '@tanstack/react-query';
import { Repeat, Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { formatPlural } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useLive } from '../../live/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';
import { useLiveRefresh } from '../../ui/use-live-refresh.ts';
import { DetectionCard } from './detection-card.tsx';

const queryKey = ['looping'];

/** Contents that repeat an old broadcast: refused until somebody lets them play again. */
export default function LoopingPage() {
  const queries = useQueryClient();
  const canChange = useCanChange();
  const [forgiving, setForgiving] = useState<'all' | { readonly id: string }>();
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => body(api.GET('/api/v1/looping-streams', { signal })),
  });
  useLiveRefresh(
    queryKey,
    useLive((state) => state.events),
    2_000,
  );
  const forgive = async (what: 'all' | { readonly id: string }): Promise<void> => {
    if (what === 'all') await api.POST('/api/v1/looping-streams/clear');
    else await api.DELETE('/api/v1/looping-streams/{id}', { params: { path: { id: what.id } } });
    toast(what === 'all' ? 'All of them may play again.' : 'It may play again.');
    await queries.invalidateQueries({ queryKey });
  };
  const ids = data?.stream_ids ?? [];
  return (
    <>
      <PageHeader
        title="Looping streams"
        hint="Contents whose broadcast is over and that show the same old minutes for ever. They are refused."
        actions={
          canChange &&
          ids.length > 0 && (
            <Button variant="quietDanger" onClick={() => setForgiving('all')}>
              <Trash2 /> Clear the list
            </Button>
          )
        }
      />
      <div className="grid items-start gap-5 xl:grid-cols-3">
        <Card className="xl:col-span-2" title="Refused" flush>
          {error ? (
            <Problem error={error} retry={() => void refetch()} />
          ) : data === undefined ? (
            <Loading />
          ) : ids.length === 0 ? (
            <Empty icon={Repeat} title="None is known">
              A content comes here when its newest bytes are older than the limit, and only while detection is on.
            </Empty>
          ) : (
            <ul className="divide-y divide-line border-t border-line">
              {ids.map((id) => (
                <li key={id} className="flex items-center gap-3 px-4 py-2">
                  <div className="min-w-0 flex-1">
                    <p className="truncate font-mono text-sm" title={id}>
                      {id}
                    </p>
                    <p className="text-xs text-muted">
                      found <RelativeTime at={data.streams[id]} />
                    </p>
                  </div>
                  {canChange && (
                    <Button size="sm" onClick={() => setForgiving({ id })}>
                      Let it play
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          )}
        </Card>
        <DetectionCard />
      </div>
      {forgiving !== undefined && (
        <Confirm
          open
          onOpenChange={() => setForgiving(undefined)}
          title={forgiving === 'all' ? `Clear ${formatPlural(ids.length, 'entry', 'entries')}?` : 'Let it play again?'}
          action={forgiving === 'all' ? 'Clear the list' : 'Let it play'}
          destructive={forgiving === 'all'}
          onConfirm={() => forgive(forgiving)}
        >
          Players that ask for it get it again. If it still loops, it is found again.
        </Confirm>
      )}
    </>
  );
}
