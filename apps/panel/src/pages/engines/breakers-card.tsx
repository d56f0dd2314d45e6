import { problemText } from '../../api/api-problem.ts';
import { useHealth } from '../../api/health.ts';
import { request } from '../../api/request.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Loading, Problem } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';
import type { Tone } from '../../ui/tone.ts';

interface Breaker {
  readonly state: string;
  readonly failure_count: number;
  readonly failure_threshold: number;
}

const looks: Readonly<Record<string, { readonly tone: Tone; readonly label: string }>> = {
  closed: { tone: 'ok', label: 'Closed: engines are started' },
  open: { tone: 'bad', label: 'Open: none is started' },
  half_open: { tone: 'warn', label: 'Half open: one is tried' },
};

const titles: Readonly<Record<string, string>> = { general: 'Starting engines', replacement: 'Replacing engines' };

/** What keeps the server from starting engines over and over when that fails. */
export function BreakersCard() {
  const canChange = useCanChange();
  const { data, error, refetch } = useHealth();
  const breakers = (data as { readonly circuit_breakers?: Readonly<Record<string, Breaker>> } | undefined)
    ?.circuit_breakers;
  const reset = async (name: string): Promise<void> => {
    try {
      await request('POST', 'health/circuit-breaker/reset', { query: { operation_type: name } });
      toast('The breaker was reset.');
      await refetch();
    } catch (failure) {
      toast(problemText(failure), { failed: true });
    }
  };
  if (data !== undefined && breakers === undefined) return null;
  return (
    <Card title="Circuit breakers" hint="They stop what keeps failing, for a while." flush>
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : breakers === undefined ? (
        <Loading lines={2} />
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {Object.entries(breakers).map(([name, breaker]) => {
            const look = looks[breaker.state.toLowerCase()] ?? { tone: 'neutral' as const, label: breaker.state };
            return (
              <li key={name} className="flex items-center gap-3 px-4 py-2.5">
                <div className="min-w-0 flex-1">
                  <p className="font-medium">{titles[name] ?? name}</p>
                  <p className="num text-xs text-muted">
                    {breaker.failure_count} of {breaker.failure_threshold} failures
                  </p>
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
