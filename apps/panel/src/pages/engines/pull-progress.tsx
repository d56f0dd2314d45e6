import type { Image } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { Meter } from '../../ui/meter.tsx';

export interface PullProgressProps {
  readonly image: string;
  readonly pull: NonNullable<Image['pull']> | Omit<NonNullable<Image['pull']>, 'code'>;
}

/** How far a download is, by layers and bytes; how it ended, when that is not well. */
export function PullProgress({ image, pull }: PullProgressProps) {
  const { status, layers, layers_done, bytes, total_bytes, error } = pull;
  if (status === 'failed') {
    return (
      <p role="alert" className="mt-1.5 text-sm text-bad">
        It could not be pulled: {error}
      </p>
    );
  }
  if (status === 'cancelled') return <p className="mt-1.5 text-sm text-muted">The download was cancelled.</p>;
  if (status === 'done') return null;
  return (
    <div className="mt-2">
      <Meter label={`Download of ${image}`} value={bytes} max={total_bytes} />
      <p className="num mt-1 text-xs text-muted">
        {layers === 0
          ? 'Asking the registry…'
          : `${layers_done} of ${layers} layers, ${formatBytes(bytes)}${total_bytes > 0 ? ` of ${formatBytes(total_bytes)}` : ''}`}
      </p>
    </div>
  );
}
