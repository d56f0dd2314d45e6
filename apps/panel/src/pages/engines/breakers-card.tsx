import { problemText } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import { useHealth } from '../../api/health.ts';
import { formatDuration } from '../../format/time.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Loading, Problem } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';

const looks = {
  closed: { tone: 'ok', label: 'Closed: engines are started' },
  open: { tone: 'bad', label: 'Open: none is started' },
  half_open: { tone: 'warn', label: 'Half open: one is tried' },
} as const;

const titles = { general: 'Starting engines', replacement: 'Replacing engines' } as const;
type Name = keyof typeof titles;
const names: readonly Name[] = ['general', 'replacement'];

/** What keeps the server from starting engines over and over when that fails. */
export function BreakersCard() {
  const canChange = useCanChange();
  const { data, error, refetch } = useHealth();
  const reset = async (name: Name): Promise<void> => {
    try {
      await api.POST('/api/v1/health/circuit-breaker/reset', { params: { query: { operation_type: name } } });
      toast('The breaker was reset.');
      await refetch();
    } catch (failure) {
      toast(problemText(failure), { failed: true });
    }
  };
  return (
    <Card title="Circuit breakers" hint="They stop what keeps failing, for a while." flush>
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading lines={2} />
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {names.map((name) => {
            const breaker = data.circuit_breakers[name];
            const look = looks[breaker.state];
            return (
              <li key={name} className="flex flex-wrap items-center gap-x-3 gap-y-1.5 px-4 py-2.5">
                <div className="min-w-0 flex-1 basis-56">
                  <p className="font-medium">{titles[name]}</p>
                  <p className="num text-xs text-muted">
                    {breaker.failure_count} of {breaker.failure_threshold} failures
                    {breaker.retry_in_seconds > 0 &&
                      `, tried again in ${formatDuration(breaker.retry_in_seconds * 1_000)}`}
                  </p>
                  {breaker.last_failure !== null && (
                    <p className="text-xs break-words text-muted">{breaker.last_failure}</p>
                  )}
                </div>
                <Badge tone={look.tone} dot>
                  {look.label}
                </Badge>
                {canChange && look.tone !== 'ok' && (
                  <Button size="sm" onClick={() => void reset(name)}>
                    Reset
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Card>
  );
}
