import { Activity, Cpu, HeartPulse, type LucideIcon, Server, Shield } from 'lucide-react';
import type { EventEntry } from '../../api/types.ts';
import { shortIdsIn } from '../../format/content.ts';
import { RelativeTime } from '../../ui/relative-time.tsx';

const icons: Readonly<Record<string, LucideIcon>> = {
  engine: Server,
  stream: Activity,
  vpn: Shield,
  health: HeartPulse,
};

export function eventIcon(type: string): LucideIcon {
  return icons[type] ?? Cpu;
}

export interface EventLineProps {
  readonly event: EventEntry;
  /** Shows everything about it. */
  readonly onOpen: (event: EventEntry) => void;
}

/** An entry of the event log in a short list. */
export function EventLine({ event, onOpen }: EventLineProps) {
  const Icon = eventIcon(event.event_type);
  return (
    <li>
      <button
        type="button"
        onClick={() => onOpen(event)}
        className="flex w-full items-start gap-3 px-4 py-2 text-left hover:bg-hover focus-visible:-outline-offset-2"
      >
        <Icon className="mt-0.5 size-4 shrink-0 text-muted" aria-label={event.event_type} />
        <span className="min-w-0 flex-1 text-sm wrap-anywhere">{shortIdsIn(event.message)}</span>
        <span className="shrink-0 text-xs text-muted">
          <RelativeTime at={event.timestamp} />
        </span>
      </button>
    </li>
  );
}
