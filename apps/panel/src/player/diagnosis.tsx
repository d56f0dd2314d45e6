import { useQuery } from '@tanstack/react-query';
import { clsx } from 'clsx';
import { Check, CircleAlert, LoaderCircle, X } from 'lucide-react';
import { ApiProblem } from '../api/api-problem.ts';
import { api, body } from '../api/client.ts';
import type { PlaybackTry } from '../api/types.ts';
import type { ContentName } from '../format/content.ts';
import { formatPlural } from '../format/number.ts';
import { formatDuration } from '../format/time.ts';
import { useEngineName } from '../live/use-live.ts';
import { RelativeTime } from '../ui/relative-time.tsx';
import { Loading, Problem } from '../ui/state-views.tsx';

type Step = PlaybackTry['timeline'][number];

const stageTitles: Readonly<Record<string, string>> = {
  lease: 'A place on an engine',
  load: 'The engine takes it',
  peers: 'Peers',
  first_byte: 'First bytes',
  keyframe: 'A picture',
};

/** Why a channel did not play: what was tried, how far it came, what to do. */
export function Diagnosis({ content, failedAt }: { readonly content: ContentName; readonly failedAt: number }) {
  const { data, error } = useQuery({
    queryKey: ['diagnose', content.parameter, content.value, failedAt],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/diagnose', { params: { query: { [content.parameter]: content.value } }, signal })),
    retry: false,
  });
  // It failed before anything was tried, such as for a wrong id: the player has said all there is.
  if (error instanceof ApiProblem && error.status === 404) return null;
  return (
    <section aria-label="Why it does not play" className="mt-4 rounded-xl border border-line">
      {error ? (
        <Problem error={error} />
      ) : data === undefined ? (
        <Loading lines={3} />
      ) : (
        <>
          {data.advice !== null && (
            <p className="flex items-start gap-2.5 border-b border-line px-4 py-3 font-medium">
              <CircleAlert className="mt-0.5 size-4 shrink-0 text-warn" aria-hidden="true" />
              {data.advice}
            </p>
          )}
          {data.tries.slice(0, 3).map((each) => (
            <Timeline key={each.started_at} attempt={each} />
          ))}
        </>
      )}
    </section>
  );
}

function Timeline({ attempt: { started_at, outcome, message, timeline } }: { readonly attempt: PlaybackTry }) {
  return (
    <div className="border-b border-line px-4 py-3 last:border-b-0">
      <p className="text-sm">
        <span className="font-medium">
          {outcome === 'played' ? 'It played' : outcome === 'failed' ? 'It failed' : outcome}
        </span>{' '}
        <span className="text-muted">
          <RelativeTime at={started_at} />
        </span>
        {message !== null && <span className="block text-muted">{message}</span>}
      </p>
      <ol className="mt-2 space-y-1.5">
        {timeline.map((step) => (
          <StepLine key={`${step.stage}-${step.at_ms}-${step.container_id}`} step={step} />
        ))}
      </ol>
    </div>
  );
}

function StepLine({ step }: { readonly step: Step }) {
  const engine = useEngineName(step.container_id ?? '');
  const Icon = step.ok ? Check : step.code === null ? LoaderCircle : X;
  return (
    <li className="flex items-start gap-2.5 text-sm">
      <Icon
        className={clsx('mt-0.5 size-4 shrink-0', step.ok ? 'text-ok' : 'text-bad')}
        aria-label={step.ok ? 'worked' : 'failed'}
      />
      <span className="min-w-0 flex-1">
        {stageTitles[step.stage] ?? step.stage}
        {step.container_id !== null && <span className="text-muted"> on {engine}</span>}
        {step.peers !== null && <span className="text-muted">, {formatPlural(step.peers, 'peer')}</span>}
        {step.message !== null && <span className="block text-xs text-muted">{step.message}</span>}
      </span>
      <span className="num shrink-0 text-xs text-muted">after {formatDuration(step.at_ms)}</span>
    </li>
  );
}
