import { SearchX } from 'lucide-react';
import { useStreamActions } from '../../actions/stream-actions.tsx';
import { ApiProblem } from '../../api/api-problem.ts';
import type { StreamState } from '../../api/types.ts';
import { contentOfStream, shortId } from '../../format/content.ts';
import { endText, streamLook } from '../../model/stream-look.ts';
import { PlayCard } from '../../player/play-card.tsx';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { RecentEvents } from '../events/recent-events.tsx';
import { EndedFigures } from './ended-figures.tsx';
import { RecoveriesCard } from './recoveries-card.tsx';
import { StreamCharts } from './stream-charts.tsx';
import { StreamFacts } from './stream-facts.tsx';
import { StreamFigures } from './stream-figures.tsx';
import { StreamHealthCard } from './stream-health-card.tsx';
import { useStream } from './use-stream.ts';
import { ViewersCard } from './viewers-card.tsx';

const back = { href: '/streams', label: 'Streams' };

/** One stream: who watches, how well it is, how it was kept alive, and what can be done to it. */
export function StreamPage({ id }: { readonly id: string }) {
  const { stream, error } = useStream(id);
  if (stream !== undefined) return <Known stream={stream} />;
  return (
    <>
      <PageHeader title={shortId(id)} back={back} />
      <div className="card">
        {error instanceof ApiProblem && error.code === 'stream_not_found' ? (
          <Empty icon={SearchX} title="No such stream">
            It ended long ago, or never ran.
          </Empty>
        ) : error ? (
          <Problem error={error} />
        ) : (
          <Loading lines={8} />
        )}
      </div>
    </>
  );
}

function Known({ stream }: { readonly stream: StreamState }) {
  const look = streamLook(stream);
  const { items, dialog } = useStreamActions(stream);
  const runs = stream.status === 'started';
  return (
    <>
      <PageHeader
        title={shortId(stream.key, 10)}
        back={back}
        badge={
          <Badge tone={look.tone} dot pulse={look.moving}>
            {look.label}
          </Badge>
        }
        hint={runs ? look.text : endText(stream.end_reason)}
        actions={
          runs &&
          items.map(({ label, icon: Icon, danger = false, onSelect }) => (
            <Button key={label} variant={danger ? 'quietDanger' : 'secondary'} onClick={onSelect}>
              <Icon /> {label}
            </Button>
          ))
        }
      />
      {dialog}
      <div className="space-y-5">
        {runs ? <StreamFigures stream={stream} /> : <EndedFigures stream={stream} />}
        <div className="grid items-start gap-5 xl:grid-cols-5">
          <div className="min-w-0 space-y-5 xl:col-span-3">
            {runs && <ViewersCard stream={stream} />}
            <StreamCharts stream={stream} />
            <RecoveriesCard stream={stream} />
            <RecentEvents about={{ stream_id: stream.id }} />
          </div>
          <div className="min-w-0 space-y-5 xl:col-span-2">
            <PlayCard content={contentOfStream(stream.key_type, stream.key)} />
            {stream.health !== null && <StreamHealthCard health={stream.health} />}
            <StreamFacts stream={stream} />
          </div>
        </div>
      </div>
    </>
  );
}
