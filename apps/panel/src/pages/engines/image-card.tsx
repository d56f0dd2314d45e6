import { useQueryClient } from '@tanstack/react-query';
import { Download, RefreshCw, Settings2, X } from 'lucide-react';
import { useState } from 'react';
import { problemText } from '../../api/api-problem.ts';
import { api } from '../../api/client.ts';
import { imagesKey, useImages } from '../../api/images.ts';
import type { Image, Pull } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useLive } from '../../live/use-live.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button, buttonClass } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Loading, Problem } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';
import { PullProgress } from './pull-progress.tsx';

/** What engines are made from: whether it is here, whether there is a newer one, and getting it. */
export function ImageCard() {
  const { data, error, refetch } = useImages();
  const pulls = useLive((state) => state.pulls);
  const canChange = useCanChange();
  return (
    <Card
      title="Engine image"
      hint="What engines are made from."
      flush
      actions={
        canChange && (
          <a href="#/engines/image" className={buttonClass({ size: 'sm' })}>
            <Settings2 /> Custom image…
          </a>
        )
      }
    >
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading lines={2} />
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {data
            .toSorted((one, other) => Number(other.configured) - Number(one.configured))
            .map((image) => (
              <ImageItem key={image.image} image={image} pull={pulls.get(image.image)} />
            ))}
        </ul>
      )}
    </Card>
  );
}

interface ImageItemProps {
  readonly image: Image;
  /** Of the live feed, which is ahead of the image's own. */
  readonly pull: Pull | undefined;
}

function ImageItem({ image, pull }: ImageItemProps) {
  const { image: name, size_bytes, created, architecture, check, present } = image;
  const canChange = useCanChange();
  const queries = useQueryClient();
  const [busy, setBusy] = useState(false);
  const ask = async (call: () => Promise<unknown>, done?: string): Promise<void> => {
    setBusy(true);
    try {
      await call();
      if (done !== undefined) toast(done);
    } catch (error) {
      toast(problemText(error), { failed: true });
    } finally {
      await queries.invalidateQueries({ queryKey: imagesKey });
      setBusy(false);
    }
  };
  const progress = pull ?? image.pull;
  const isPulling = progress?.status === 'pulling';
  const facts = [size_bytes === null ? undefined : formatBytes(size_bytes), architecture].filter((fact) => fact);
  return (
    <li className="px-4 py-3">
      <div className="flex flex-wrap items-center gap-x-2 gap-y-1">
        <span className="min-w-0 font-mono text-sm font-medium break-all">{name}</span>
        <ImageBadge image={image} />
      </div>
      <p className="num mt-0.5 text-xs text-muted">
        {present ? facts.join(', ') : 'Not here yet; it is pulled when the first engine needs it.'}
        {created !== null && (
          <>
            , made <RelativeTime at={created} />
          </>
        )}
        {check !== null && (
          <>
            . Registry asked <RelativeTime at={check.checked_at} />
          </>
        )}
      </p>
      {check?.error != null && <p className="mt-1 text-sm text-warn">{check.error.message}</p>}
      {progress != null && <PullProgress image={name} pull={progress} />}
      {canChange && (
        <div className="mt-2.5 flex flex-wrap gap-2">
          <Button
            size="sm"
            disabled={busy || isPulling}
            onClick={() => void ask(() => api.POST('/api/v1/images/check', { body: { image: name } }))}
          >
            <RefreshCw /> Look for a newer one
          </Button>
          {isPulling ? (
            <Button
              size="sm"
              variant="quietDanger"
              disabled={busy}
              onClick={() => void ask(() => api.DELETE('/api/v1/images/pull', { params: { query: { image: name } } }))}
            >
              <X /> Cancel the download
            </Button>
          ) : (
            <Button
              size="sm"
              variant={image.newer === true ? 'primary' : 'secondary'}
              disabled={busy}
              onClick={() => void ask(() => api.POST('/api/v1/images/pull', { body: { image: name } }))}
            >
              <Download /> {image.newer === true ? 'Pull the newer one' : 'Pull'}
            </Button>
          )}
        </div>
      )}
    </li>
  );
}

function ImageBadge({ image: { newer, present, configured } }: { readonly image: Image }) {
  if (newer === true) {
    return (
      <Badge tone="warn" dot title="Pull it; engines of the older one play on until they are replaced">
        A newer one is there
      </Badge>
    );
  }
  if (!configured) return <Badge title="No engine is made from it any more">Not in use</Badge>;
  if (!present) return <Badge tone="info">Not here</Badge>;
  if (newer === false) {
    return (
      <Badge tone="ok" dot>
        Newest
      </Badge>
    );
  }
  return <Badge title="The registry was not asked yet">Not compared</Badge>;
}
