import { formatBytes } from '../../format/amount.ts';
import { useLive } from '../../live/use-live.ts';
import { Card } from '../../ui/card.tsx';
import { Meter } from '../../ui/meter.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';

/** Images that are being downloaded, and downloads that failed. Nothing while there are none. */
export function PullsCard() {
  const pulls = useLive((state) => state.pulls);
  if (pulls.size === 0) return null;
  return (
    <Card title="Image downloads" hint="Engines of an image start when it is here." flush>
      <ul className="divide-y divide-line border-t border-line">
        {[...pulls.values()].map(({ image, message, bytes, total_bytes, started_at, error }) => (
          <li key={image} className="px-4 py-2.5">
            <div className="flex flex-wrap items-baseline justify-between gap-x-4">
              <span className="min-w-0 font-mono text-sm break-all">{image}</span>
              <span className="num text-xs text-muted">
                {bytes !== null &&
                  `${formatBytes(bytes)}${total_bytes === null ? '' : ` of ${formatBytes(total_bytes)}`}, `}
                started <RelativeTime at={started_at} />
              </span>
            </div>
            {error === null ? (
              <>
                {bytes !== null && total_bytes !== null && (
                  <Meter label={`Download of ${image}`} value={bytes} max={total_bytes} className="my-1.5" />
                )}
                <p className="text-xs text-muted">{message}</p>
              </>
            ) : (
              <p className="text-sm text-bad">{error}</p>
            )}
          </li>
        ))}
      </ul>
    </Card>
  );
}
