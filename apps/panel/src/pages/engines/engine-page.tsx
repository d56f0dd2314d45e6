import { SearchX } from 'lucide-react';
import { useEngineActions } from '../../actions/engine-actions.tsx';
import type { EngineState } from '../../api/types.ts';
import { formatPlural, unknown } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useIsManaged } from '../../live/use-is-managed.ts';
import { useLive } from '../../live/use-live.ts';
import { engineLook } from '../../model/engine-look.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Facts } from '../../ui/stat.tsx';
import { Empty, Loading } from '../../ui/state-views.tsx';
import { RecentEvents } from '../events/recent-events.tsx';
import { EngineFigures } from './engine-figures.tsx';
import { EngineLog } from './engine-log.tsx';
import { EngineStreams } from './engine-streams.tsx';
import { UsageCard } from './usage-card.tsx';

const back = { href: '/engines', label: 'Engines' };

/** One engine: what it plays, what it uses, what it says. */
export function EnginePage({ id }: { readonly id: string }) {
  const loaded = useLive((state) => state.loaded);
  const engine = useLive((state) => state.engines.get(id));
  if (engine !== undefined) return <Known engine={engine} />;
  return (
    <>
      <PageHeader title="Engine" back={back} />
      <div className="card">
        {loaded ? (
          <Empty icon={SearchX} title="No such engine">
            It was removed, or never was. What happened to it is in the events.
          </Empty>
        ) : (
          <Loading lines={8} />
        )}
      </div>
    </>
  );
}

function Known({ engine }: { readonly engine: EngineState }) {
  const look = engineLook(engine);
  const { items, dialog } = useEngineActions(engine);
  const isManaged = useIsManaged();
  const canChange = useCanChange();
  return (
    <>
      <PageHeader
        title={engine.container_name}
        back={back}
        hint={engine.outdated === null ? look.text : `${look.text} ${engine.outdated.message}.`}
        badge={
          <>
            <Badge tone={look.tone} dot pulse={look.moving}>
              {look.label}
            </Badge>
            {engine.outdated !== null && <Badge tone="warn">Outdated</Badge>}
          </>
        }
        actions={items.map(({ label, icon: Icon, danger = false, disabled = false, onSelect }) => (
          <Button key={label} variant={danger ? 'quietDanger' : 'secondary'} disabled={disabled} onClick={onSelect}>
            <Icon /> {label}
          </Button>
        ))}
      />
      {dialog}
      <div className="space-y-5">
        <EngineFigures engine={engine} />
        <div className="grid items-start gap-5 xl:grid-cols-5">
          <div className="min-w-0 space-y-5 xl:col-span-3">
            <EngineStreams engine={engine} />
            {isManaged && <UsageCard engine={engine} />}
            <RecentEvents about={{ container_id: engine.container_id }} />
          </div>
          <div className="min-w-0 space-y-5 xl:col-span-2">
            <EngineFacts engine={engine} />
          </div>
        </div>
        {isManaged && canChange && <EngineLog engine={engine} />}
      </div>
    </>
  );
}

function EngineFacts({ engine }: { readonly engine: EngineState }) {
  return (
    <Card title="Identity">
      <Facts
        facts={[
          ['Address', `${engine.host}:${engine.port}`],
          [
            'Id',
            <code key="id" className="font-mono text-xs break-all">
              {engine.container_id}
            </code>,
          ],
          ['Variant', engine.engine_variant ?? unknown],
          ['Version', engine.version ?? unknown],
          ['Platform', engine.platform ?? unknown],
          ['Forwarded port', engine.forwarded ? (engine.forwarded_port ?? 'yes') : 'no'],
          ['VPN container', engine.vpn_container ?? 'none'],
          ['First seen', <RelativeTime key="first" at={engine.first_seen} />],
          ['Last answer', <RelativeTime key="last" at={engine.last_seen} />],
          ['Last used', <RelativeTime key="used" at={engine.last_stream_usage} />],
        ]}
      />
      <Labels labels={engine.labels} />
    </Card>
  );
}

/** What its container is marked with; seldom of interest. */
function Labels({ labels }: { readonly labels: EngineState['labels'] }) {
  const entries = Object.entries(labels);
  if (entries.length === 0) return null;
  return (
    <details className="mt-2 text-sm">
      <summary className="rounded text-muted hover:text-text">{formatPlural(entries.length, 'label')}</summary>
      <Facts
        facts={entries.map(
          ([name, value]) =>
            [
              name,
              <span key={name} className="break-all">
                {value}
              </span>,
            ] as const,
        )}
      />
    </details>
  );
}
