import { CirclePlay } from 'lucide-react';
import { formatCount, formatPlural } from '../../format/number.ts';
import { useLive, useStreams } from '../../live/use-live.ts';
import { viewersOf } from '../../model/viewers-of.ts';
import { Badge } from '../../ui/badge.tsx';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Loading } from '../../ui/state-views.tsx';
import { RecentEvents } from '../events/recent-events.tsx';
import { AdviceList } from './advice-list.tsx';
import { Figures } from './figures.tsx';
import { PlayingNow } from './playing-now.tsx';
import { ThroughputCard } from './throughput-card.tsx';

const looks = {
  healthy: { tone: 'ok', label: 'Healthy' },
  degraded: { tone: 'warn', label: 'Degraded' },
  unavailable: { tone: 'bad', label: 'Cannot play' },
} as const;

/** The state in a sentence. */
function useSentence(): string {
  const status = useLive((state) => state.status);
  const streams = useStreams();
  const viewers = viewersOf(streams);
  if (status === undefined) return 'Waiting for the server';
  const playing =
    streams.length === 0
      ? 'Nothing plays now'
      : `${formatPlural(streams.length, 'channel')} ${streams.length === 1 ? 'plays' : 'play'} for ${formatPlural(viewers, 'viewer')}`;
  const { available, total, waiting } = status.capacity;
  if (waiting > 0)
    return `${playing}; ${formatPlural(waiting, 'channel')} ${waiting === 1 ? 'waits' : 'wait'} for a slot.`;
  if (total === 0) return `${playing}; there is no engine ready.`;
  return `${playing}; there is ${available <= 0 ? 'no room' : `room for ${formatCount(available)}`} more.`;
}

/** What plays, whether all is well, and what to do when it is not. */
export function OverviewPage() {
  const loaded = useLive((state) => state.loaded);
  const status = useLive((state) => state.status);
  const look = status === undefined ? undefined : looks[status.status];
  const sentence = useSentence();
  return (
    <>
      <PageHeader
        title="Overview"
        hint={sentence}
        badge={
          look && (
            <Badge tone={look.tone} dot>
              {look.label}
            </Badge>
          )
        }
        actions={
          <a href="#/play" className={buttonClass({ variant: 'primary' })}>
            <CirclePlay /> Play a channel
          </a>
        }
      />
      {loaded ? (
        <div className="space-y-5">
          <AdviceList />
          <Figures />
          <div className="grid items-start gap-5 xl:grid-cols-5">
            <div className="min-w-0 space-y-5 xl:col-span-3">
              <PlayingNow />
              <ThroughputCard />
            </div>
            <div className="min-w-0 xl:col-span-2">
              <RecentEvents />
            </div>
          </div>
        </div>
      ) : (
        <div className="card">
          <Loading lines={8} label="Waiting for the server" />
        </div>
      )}
    </>
  );
}
