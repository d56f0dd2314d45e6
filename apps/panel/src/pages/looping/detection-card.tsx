import { useQuery } from '@tanstack/react-query';
import { api, body } from '../../api/client.ts';
import { formatDuration } from '../../format/time.ts';
import { Badge } from '../../ui/badge.tsx';
import { Card } from '../../ui/card.tsx';
import { Facts } from '../../ui/stat.tsx';
import { Loading, Problem } from '../../ui/state-views.tsx';

/** How looping streams are found; changed among the other settings. */
export function DetectionCard() {
  const { data, error, refetch } = useQuery({
    queryKey: ['loop-detection'],
    queryFn: ({ signal }) => body(api.GET('/api/v1/stream-loop-detection/config', { signal })),
  });
  return (
    <Card
      title="Detection"
      flush={data === undefined}
      actions={
        data && (
          <Badge tone={data.enabled ? 'ok' : 'neutral'} dot>
            {data.enabled ? 'On' : 'Off'}
          </Badge>
        )
      }
    >
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading />
      ) : (
        <>
          <Facts
            facts={[
              ['Too old after', formatDuration(data.threshold_seconds * 1_000)],
              ['Looked at every', formatDuration(data.check_interval_seconds * 1_000)],
              ['Refused for', data.retention_minutes === 0 ? 'ever' : formatDuration(data.retention_minutes * 60_000)],
            ]}
          />
          <p className="mt-3 text-sm text-muted">
            Changed in the{' '}
            <a className="text-accent underline underline-offset-4" href="#/settings">
              settings
            </a>
            .
          </p>
        </>
      )}
    </Card>
  );
}
