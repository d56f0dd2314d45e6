import { Filter } from 'lucide-react';
import { hrefTo } from '../../address/page-href.ts';
import type { EventEntry } from '../../api/types.ts';
import { shortIdsIn } from '../../format/content.ts';
import { formatAbsolute } from '../../format/time.ts';
import { useEngineName } from '../../live/use-live.ts';
import { buttonClass } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/stat.tsx';
import { eventsHref } from './events-href.ts';

export interface EventDialogProps {
  readonly event: EventEntry;
  readonly onClose: () => void;
}

/** Everything about an entry of the event log, and the way to what else happened to the same stream or engine. */
export function EventDialog({ event, onClose }: EventDialogProps) {
  const { container_id, stream_id } = event;
  const engine = useEngineName(container_id ?? '');
  const link = (page: string, id: string, text: string) => (
    <a className="font-mono text-xs break-all text-accent hover:underline" href={hrefTo(page, id)} onClick={onClose}>
      {text}
    </a>
  );
  const only = (href: string, text: string) => (
    <a className={buttonClass({ size: 'sm' })} href={href} onClick={onClose}>
      <Filter /> {text}
    </a>
  );
  return (
    <Dialog
      open
      onOpenChange={onClose}
      title={shortIdsIn(event.message)}
      description={formatAbsolute(Date.parse(event.timestamp))}
    >
      <Facts
        facts={[
          ['Kind', `${event.event_type}, ${event.category}`],
          ...(stream_id === null ? [] : [['Stream', link('streams', stream_id, stream_id)] as const]),
          ...(container_id === null ? [] : [['Engine', link('engines', container_id, engine)] as const]),
          ...Object.entries(event.details).map(([name, value]) => [name.replaceAll('_', ' '), textOf(value)] as const),
        ]}
      />
      <div className="mt-4 flex flex-wrap gap-2 empty:hidden">
        {stream_id !== null && only(eventsHref({ stream_id }), 'Only this stream')}
        {container_id !== null && only(eventsHref({ container_id }), 'Only this engine')}
      </div>
    </Dialog>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
