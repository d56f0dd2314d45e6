import { useQueryClient } from '@tanstack/react-query';
import { RefreshCcwDot } from 'lucide-react';
import { useState } from 'react';
import { ApiProblem } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import { reprovisionKey, useReprovision } from '../../api/reprovision.ts';
import { formatPlural } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useEngines, useStreams } from '../../live/use-live.ts';
import { viewersOf } from '../../model/viewers-of.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Meter } from '../../ui/meter.tsx';
import { toast } from '../../ui/toaster.tsx';

const looks = {
  idle: undefined,
  replacing: { tone: 'info', label: 'Replacing', pulse: true },
  waiting: { tone: 'warn', label: 'Waiting', pulse: true },
  done: { tone: 'ok', label: 'Done', pulse: false },
} as const;

/** Making the engines anew, one at a time: why one would, and how far it is. */
export function ReprovisionCard() {
  const { data } = useReprovision();
  const canChange = useCanChange();
  const engines = useEngines();
  const outdated = engines.filter(({ outdated: why }) => why !== null);
  const [open, setOpen] = useState(false);
  const look = looks[data?.phase ?? 'idle'];
  const isRunning = data?.in_progress === true;
  return (
    <Card
      title={
        <span className="flex items-center gap-2">
          Replacement
          {look && (
            <Badge tone={look.tone} dot pulse={look.pulse}>
              {look.label}
            </Badge>
          )}
        </span>
      }
      hint={
        outdated.length === 0
          ? 'Every engine is what would be made now.'
          : `${formatPlural(outdated.length, 'engine')} ${outdated.length === 1 ? 'is' : 'are'} not what would be made now.`
      }
      actions={
        canChange && (
          <Button
            size="sm"
            variant={outdated.length > 0 && !isRunning ? 'primary' : 'secondary'}
            disabled={isRunning || engines.length === 0}
            onClick={() => setOpen(true)}
          >
            <RefreshCcwDot /> Replace engines…
          </Button>
        )
      }
    >
      {data !== undefined && data.phase !== 'idle' && (
        <div className="mb-2">
          <Meter
            label="Engines replaced"
            value={data.engines_provisioned}
            max={data.total_engines}
            tone={data.phase === 'done' ? 'ok' : 'accent'}
          />
          <p className="num mt-1.5 text-sm text-muted" aria-live="polite">
            {data.message}
          </p>
        </div>
      )}
      {outdated.length > 0 && (
        <ul className="space-y-1 text-sm">
          {outdated.map(({ container_id, container_name, outdated: why }) => (
            <li key={container_id}>
              <span className="font-medium">{container_name}</span> <span className="text-muted">{why?.message}</span>
            </li>
          ))}
        </ul>
      )}
      {outdated.length === 0 && (data === undefined || data.phase === 'idle') && (
        <p className="text-sm text-muted">
          After a change of the image or of its settings, engines are replaced one at a time; their streams move.
        </p>
      )}
      <ReplaceDialog open={open} onClose={() => setOpen(false)} outdated={outdated.length} total={engines.length} />
    </Card>
  );
}

interface ReplaceDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly outdated: number;
  readonly total: number;
}

function ReplaceDialog({ open, onClose, outdated, total }: ReplaceDialogProps) {
  const queries = useQueryClient();
  const streams = useStreams();
  const viewers = viewersOf(streams);
  const count = outdated === 0 ? total : outdated;
  const replace = async (): Promise<void> => {
    try {
      await api.POST('/api/v1/custom-variant/reprovision');
      toast(`${formatPlural(count, 'engine')} will be replaced, one at a time.`);
    } catch (error) {
      if (!(error instanceof ApiProblem && error.code === 'reprovision_running')) throw error;
      throw new Error('A replacement runs already. It goes on; start another one when it is done.', { cause: error });
    } finally {
      await queries.invalidateQueries({ queryKey: reprovisionKey });
    }
  };
  return (
    <Confirm
      open={open}
      onOpenChange={onClose}
      title={`Replace ${outdated === 0 ? (total === 1 ? 'the engine' : `all ${total} engines`) : formatPlural(count, 'outdated engine')}?`}
      action="Replace"
      destructive={false}
      onConfirm={replace}
    >
      {outdated === 0 && 'None of them is outdated. '}
      One at a time, each is drained, removed and made anew. {formatPlural(streams.length, 'stream')} for{' '}
      {formatPlural(viewers, 'viewer')} {streams.length === 1 ? 'plays' : 'play'} now; they move to other engines first.
      Where there is no other, it waits for an engine to be free.
    </Confirm>
  );
}
