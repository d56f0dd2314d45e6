import type { PullProgress } from '@acestream-orchestrator/engine-orchestrator/docker';
import type { Log } from '../log.ts';

/** Whoever reads the log sees that a download goes on, and not each of its steps. */
const everyMs = 10_000;

/** Writes into the log how far downloads of images are: their beginning, their end, and every ten seconds between. */
export function pullLog(log: Log, now: () => number = () => performance.now()): (progress: PullProgress) => void {
  const writtenAt = new Map<string, number>();
  return ({ image, status, layers, layersDone, bytes, totalBytes, error }) => {
    const fields = { image, layers, layers_done: layersDone, bytes, total_bytes: totalBytes };
    if (status !== 'pulling') writtenAt.delete(image);
    if (status === 'failed') log.error({ ...fields, reason: error }, 'the image could not be pulled');
    else if (status === 'cancelled') log.info(fields, 'the pull of the image was cancelled');
    else if (status === 'done') log.info(fields, 'image pulled');
    else {
      const isDue = now() - (writtenAt.get(image) ?? Number.NEGATIVE_INFINITY) >= everyMs;
      if (isDue) writtenAt.set(image, now());
      log[isDue ? 'info' : 'debug'](fields, 'pulling the image');
    }
  };
}
