import { DockerError, type DockerErrorCode } from './docker-error.ts';

/** A pull of an image, as far as it has come. */
export interface PullProgress {
  readonly image: string;
  readonly status: 'pulling' | 'done' | 'failed' | 'cancelled';
  /** Layers that are known of, and those that are unpacked. */
  readonly layers: number;
  readonly layersDone: number;
  /** Downloaded so far, and to be downloaded as far as is known yet. */
  readonly bytes: number;
  readonly totalBytes: number;
  /** Why it failed or was cancelled, and the code of that error. */
  readonly error?: string;
  readonly code?: DockerErrorCode;
}

type Message = Readonly<Record<string, unknown>>;

interface Layer {
  bytes: number;
  totalBytes: number;
  done: boolean;
}

/** Adds up the messages of a pull. */
export class PullMeter {
  readonly #image: string;
  readonly #layers = new Map<string, Layer>();
  #error: string | undefined;

  constructor(image: string) {
    this.#image = image;
  }

  add(message: Message): void {
    const { status, id, error, progressDetail } = message;
    if (typeof error === 'string') this.#error = error;
    if (typeof id !== 'string' || typeof status !== 'string') return;
    // The first message has the tag where the others have a layer.
    if (status.startsWith('Pulling from')) return;
    const layer = this.#layers.get(id) ?? { bytes: 0, totalBytes: 0, done: false };
    this.#layers.set(id, layer);
    if (status === 'Downloading') takeProgress(layer, progressDetail);
    if (status === 'Download complete' || status === 'Pull complete') layer.bytes = layer.totalBytes;
    if (status === 'Pull complete' || status === 'Already exists') layer.done = true;
  }

  get error(): string | undefined {
    return this.#error;
  }

  progress(status: PullProgress['status'], failure?: unknown): PullProgress {
    const layers = [...this.#layers.values()];
    return Object.freeze({
      image: this.#image,
      status,
      layers: layers.length,
      // Podman does not say of a layer that it is unpacked.
      layersDone: status === 'done' ? layers.length : layers.filter(({ done }) => done).length,
      bytes: layers.reduce((sum, { bytes }) => sum + bytes, 0),
      totalBytes: layers.reduce((sum, { totalBytes }) => sum + totalBytes, 0),
      ...(failure === undefined ? {} : { error: failure instanceof Error ? failure.message : String(failure) }),
      ...(failure instanceof DockerError ? { code: failure.code } : {}),
    });
  }
}

function takeProgress(layer: Layer, detail: unknown): void {
  if (typeof detail !== 'object' || detail === null) return;
  const { current, total } = detail as { current?: unknown; total?: unknown };
  if (typeof current === 'number') layer.bytes = current;
  if (typeof total === 'number' && total > 0) layer.totalBytes = total;
}
