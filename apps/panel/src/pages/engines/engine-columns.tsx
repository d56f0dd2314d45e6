import { useEngineActions } from '../../actions/engine-actions.tsx';
import { hrefTo } from '../../address/page-href.ts';
import type { ContainerStats, EngineState } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { formatCount, formatPercent, unknown } from '../../format/number.ts';
import { engineLook } from '../../model/engine-look.ts';
import { Badge } from '../../ui/badge.tsx';
import type { Column } from '../../ui/column.ts';
import { Menu } from '../../ui/menu.tsx';
import { Meter } from '../../ui/meter.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

/** What engines use, where they are containers; nothing is known of others. */
function usageColumns(stats: ReadonlyMap<string, ContainerStats> | undefined): readonly Column<EngineState>[] {
  const statOf = (engine: EngineState): ContainerStats | undefined => stats?.get(engine.container_id);
  return [
    {
      id: 'cpu',
      header: 'CPU',
      width: '4.5rem',
      align: 'right',
      sort: (engine) => statOf(engine)?.cpu_percent ?? 0,
      cell: (engine) => formatPercent(statOf(engine)?.cpu_percent),
    },
    {
      id: 'memory',
      header: 'Memory',
      width: '6rem',
      align: 'right',
      sort: (engine) => statOf(engine)?.memory_usage ?? 0,
      cell: (engine) => formatBytes(statOf(engine)?.memory_usage),
    },
  ];
}

export interface EngineColumnsOptions {
  /** They are containers of the server. */
  readonly isManaged: boolean;
  readonly canChange: boolean;
  /** What their containers use. */
  readonly stats: ReadonlyMap<string, ContainerStats> | undefined;
}

/** The columns of the engine table: those that there is something to show in. */
export function engineColumns({ isManaged, canChange, stats }: EngineColumnsOptions): readonly Column<EngineState>[] {
  return [
    {
      id: 'name',
      header: 'Engine',
      width: 'minmax(10rem,2fr)',
      phone: 'title',
      sort: ({ container_name }) => container_name,
      cell: (engine) => <EngineName engine={engine} />,
    },
    {
      id: 'load',
      header: 'Slots',
      width: '7.5rem',
      phone: 'detail',
      sort: ({ leases }) => leases,
      cell: ({ leases, max_leases }) => (
        <span className="flex items-center gap-2.5">
          <Meter
            label="Slots taken"
            value={leases}
            max={max_leases}
            className="w-16 max-sm:hidden"
            tone={leases >= max_leases ? 'warn' : 'accent'}
          />
          <span className="num">
            {leases} / {max_leases}
          </span>
          <span className="-ml-1 sm:hidden">slots</span>
        </span>
      ),
    },
    ...(isManaged ? usageColumns(stats) : []),
    {
      id: 'version',
      header: 'Version',
      width: '6rem',
      room: 'some',
      cell: ({ version }) => <span className="block truncate">{version ?? unknown}</span>,
    },
    {
      id: 'penalties',
      header: 'Failures',
      width: '4.5rem',
      room: 'some',
      align: 'right',
      sort: ({ penalties }) => penalties,
      cell: ({ penalties }) => (
        <span className={penalties > 0 ? 'font-medium text-warn' : ''} title="Recent failures; they fade">
          {formatCount(penalties)}
        </span>
      ),
    },
    {
      id: 'checked',
      header: 'Checked',
      width: '6.5rem',
      align: 'right',
      phone: 'detail',
      sort: ({ last_health_check }) => Date.parse(last_health_check ?? '') || 0,
      cell: ({ last_health_check }) => (
        <>
          <span className="sm:hidden">checked </span>
          <RelativeTime at={last_health_check} />
        </>
      ),
    },
    ...(canChange ? [actions] : []),
  ];
}

const actions: Column<EngineState> = {
  ...{ id: 'actions', header: '(actions)', width: '2rem', phone: 'corner' },
  cell: (engine) => <Actions engine={engine} />,
};

function EngineName({ engine }: { readonly engine: EngineState }) {
  const look = engineLook(engine);
  return (
    <span className="flex items-center gap-2">
      <span className="min-w-0">
        <a className="block truncate font-medium hover:underline" href={hrefTo('engines', engine.container_id)}>
          {engine.container_name}
        </a>
        <span className="num block truncate text-xs text-muted">{addressOf(engine)}</span>
      </span>
      <Badge tone={look.tone} dot pulse={look.moving} title={look.text}>
        {look.label}
      </Badge>
      {engine.outdated !== null && (
        <Badge tone="warn" title={engine.outdated.message}>
          Outdated
        </Badge>
      )}
    </span>
  );
}

/** An engine that somebody else runs has its address for a name. */
function addressOf({ container_name, host, port, forwarded, engine_variant }: EngineState): string {
  const address = `${host}:${port}`;
  const parts = [
    container_name === address ? undefined : address,
    engine_variant,
    forwarded ? 'forwarded port' : undefined,
  ];
  return parts.filter((part) => part != null).join(', ');
}

function Actions({ engine }: { readonly engine: EngineState }) {
  const { items, dialog } = useEngineActions(engine);
  return (
    <>
      <Menu label={`Actions for ${engine.container_name}`} items={items} />
      {dialog}
    </>
  );
}
