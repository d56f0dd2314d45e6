import { FileText, Pause, Play } from 'lucide-react';
import { useDeferredValue, useMemo, useState } from 'react';
import { keptLines, type LogLine } from '../../api/log-follower.ts';
import type { EngineState } from '../../api/types.ts';
import { formatCount, formatPlural } from '../../format/number.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Input } from '../../ui/field.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { LogLines } from './log-lines.tsx';
import { useFollowedLog } from './use-followed-log.ts';

/** What an engine's container writes, as it writes it; searched, and held still to be read. */
export function EngineLog({ engine }: { readonly engine: EngineState }) {
  const log = useFollowedLog(engine.container_id);
  const [search, setSearch] = useState('');
  /** What is shown while it is held still. */
  const [held, setHeld] = useState<readonly LogLine[]>();
  const wanted = useDeferredValue(search.trim().toLowerCase());
  const lines = held ?? log.lines;
  const found = useMemo(
    () => (wanted === '' ? lines : lines.filter(({ text }) => text.toLowerCase().includes(wanted))),
    [lines, wanted],
  );
  const waiting = held === undefined ? 0 : (log.lines.at(-1)?.number ?? 0) - (held.at(-1)?.number ?? 0);
  const isFirstWait = log.connection === 'connecting' && lines.length === 0;
  return (
    <Card
      title="Log"
      hint={
        wanted === ''
          ? `What its container writes; the last ${formatCount(keptLines)} lines are kept here.`
          : `${formatCount(found.length)} of ${formatPlural(lines.length, 'line')}`
      }
      flush
      actions={
        <div className="flex w-full items-center gap-2 sm:w-auto">
          <Badge {...looks[log.connection]} dot>
            {log.connection === 'live' && held !== undefined ? 'Held' : looks[log.connection].label}
          </Badge>
          <Button
            size="sm"
            aria-pressed={held !== undefined}
            onClick={() => setHeld(held === undefined ? log.lines : undefined)}
          >
            {held === undefined ? <Pause /> : <Play />}
            {held === undefined ? 'Pause' : waiting > 0 ? `Resume (${formatCount(waiting)} new)` : 'Resume'}
          </Button>
          <Input
            type="search"
            className="w-0 flex-1 sm:w-56"
            placeholder="Search"
            aria-label="Search the log"
            value={search}
            onChange={(event) => setSearch(event.target.value)}
          />
        </div>
      }
    >
      {log.problem !== undefined && lines.length === 0 ? (
        <Problem error={log.problem} retry={log.retry} />
      ) : isFirstWait ? (
        <Loading />
      ) : found.length === 0 ? (
        <Empty icon={FileText} title={lines.length === 0 ? 'It has written nothing yet' : 'No line has that'} compact />
      ) : (
        <LogLines lines={found} search={wanted} follow={held === undefined} />
      )}
    </Card>
  );
}

const looks = {
  connecting: { tone: 'info', pulse: true, label: 'Connecting' },
  live: { tone: 'ok', pulse: false, label: 'Live' },
  lost: { tone: 'warn', pulse: true, label: 'Reconnecting' },
} as const;
