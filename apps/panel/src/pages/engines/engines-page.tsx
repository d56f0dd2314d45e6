import { Server } from 'lucide-react';
import { useContainerStats } from '../../api/container-stats.ts';
import { formatPlural } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useIsManaged } from '../../live/use-is-managed.ts';
import { useEngines, useLive } from '../../live/use-live.ts';
import { DataTable } from '../../ui/data-table.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty, Loading } from '../../ui/state-views.tsx';
import { RecentEvents } from '../events/recent-events.tsx';
import { BreakersCard } from './breakers-card.tsx';
import { CapacityCard } from './capacity-card.tsx';
import { engineColumns } from './engine-columns.tsx';
import { ImageCard } from './image-card.tsx';
import { ProvisionButton } from './provision-button.tsx';
import { ReprovisionCard } from './reprovision-card.tsx';

/** The pool: each engine, how many there may be, and what keeps more from coming. */
export function EnginesPage() {
  const loaded = useLive((state) => state.loaded);
  const status = useLive((state) => state.status);
  const engines = useEngines();
  const { data: stats } = useContainerStats();
  const isManaged = useIsManaged();
  const canChange = useCanChange();
  return (
    <>
      <PageHeader
        title="Engines"
        hint={
          status === undefined
            ? 'Waiting for the server'
            : engines.length === 0
              ? 'None now'
              : `${status.engines.healthy} of ${formatPlural(engines.length, 'engine')} healthy, ${status.capacity.used} of ${status.capacity.total} slots taken`
        }
        actions={<ProvisionButton />}
      />
      <div className="space-y-5">
        <div className="card">
          {!loaded ? (
            <Loading lines={6} />
          ) : engines.length === 0 ? (
            <Empty icon={Server} title="There is no engine">
              {!isManaged
                ? 'Name engines of your own in ENGINE_URLS, or let the server start some in Docker with ENGINES=docker.'
                : status?.provisioning.circuit_breaker_state === 'closed'
                  ? 'One is started as soon as somebody wants to play something.'
                  : 'Starting one failed. Below is why; it is tried again after a while, or when the breaker is reset.'}
            </Empty>
          ) : (
            <DataTable
              label="Engines"
              columns={engineColumns({ isManaged, canChange, stats })}
              rows={engines}
              rowKey={({ container_id }) => container_id}
            />
          )}
        </div>
        <div className="grid items-start gap-5 md:grid-cols-2">
          <div className="space-y-5">
            <CapacityCard />
            {isManaged && <ReprovisionCard />}
          </div>
          {isManaged ? (
            <div className="space-y-5">
              <ImageCard />
              <BreakersCard />
            </div>
          ) : (
            <RecentEvents about={{ event_type: 'health' }} />
          )}
        </div>
      </div>
    </>
  );
}
