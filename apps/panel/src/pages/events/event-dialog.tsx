import { Filter } from 'lucide-react';
import type { EventEntry } from '../../api/types.ts';
import { shortIdsIn } from '../../format/content.ts';
import { hrefTo } from '../../format/route.ts';
import { formatAbsolute } from '../../format/time.ts';
import { Button } from '../../ui/button.tsx';
import { Dialog } from '../../ui/dialog.tsx';
import { Facts } from '../../ui/stat.tsx';

export interface EventDialogProps {
  readonly event: EventEntry;
  readonly onClose: () => void;
  /** Shows only what is about the same stream or engine. */
  readonly onOnly: (about: Partial<Pick<EventEntry, 'container_id' | 'stream_id'>>) => void;
}

/** Everything about an entry of the event log. */
export function EventDialog({ event, onClose, onOnly }: EventDialogProps) {
  const { container_id, stream_id } = event;
  const only = (about: Parameters<typeof onOnly>[0]): void => {
    onOnly(about);
    onClose();
  };
  const link = (page: string, id: string) => (
    <a className="font-mono text-xs break-all text-accent hover:underline" href={hrefTo(page, id)}>
      {id}
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
          ...(stream_id === null ? [] : [['Stream', link('streams', stream_id)] as const]),
          ...(container_id === null ? [] : [['Engine', link('engines', container_id)] as const]),
          ...Object.entries(event.details).map(([name, value]) => [name.replaceAll('_', ' '), textOf(value)] as const),
        ]}
      />
      <div className="mt-4 flex flex-wrap gap-2">
        {stream_id !== null && (
          <Button size="sm" onClick={() => only({ stream_id })}>
            <Filter /> Only this stream
          </Button>
        )}
        {container_id !== null && (
          <Button size="sm" onClick={() => only({ container_id })}>
            <Filter /> Only this engine
          </Button>
        )}
      </div>
    </Dialog>
  );
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
