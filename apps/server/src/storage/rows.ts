/** The kinds of things that events tell of. */
export const eventTypes = ['engine', 'stream', 'vpn', 'health', 'system'] as const;

export type EventType = (typeof eventTypes)[number];

/** One entry of the event log. */
export interface EventEntry {
  /** Grows with every entry. */
  readonly id: number;
  /** Unix milliseconds. */
  readonly at: number;
  readonly type: EventType;
  /** What happened, in a word: `started`, `ended`, … */
  readonly category: string;
  /** A sentence for people. */
  readonly message: string;
  /** Never URLs or secrets: whoever may read may read them. */
  readonly details: Readonly<Record<string, unknown>>;
  /** The engine it is about. */
  readonly containerId: string | null;
  readonly streamId: string | null;
}

/** Which entries are wanted; a field that is left out matches all. */
export interface EventFilter {
  readonly type?: EventType | undefined;
  readonly category?: string | undefined;
  readonly containerId?: string | undefined;
  readonly streamId?: string | undefined;
  /** Unix milliseconds; entries at or after it. */
  readonly since?: number | undefined;
}

export interface EventCounts {
  readonly total: number;
  readonly byType: Readonly<Record<string, number>>;
  readonly oldestAt: number | null;
  readonly newestAt: number | null;
}

/** How much of the event log is kept. */
export interface EventRetention {
  readonly maxRows: number;
  readonly maxAgeMs: number;
}

/** JSON texts by name: the settings are one. */
export type Documents = Readonly<Record<string, string>>;

/** What there was when a database was opened. */
export interface OpenedDatabase {
  readonly documents: Documents;
  readonly lastEventId: number;
  /** Where a database that could not be read was moved to, when there was one. */
  readonly movedAside: string | undefined;
}
