import type { ImageCheck } from './image-registry.ts';
import type { LocalImage } from './image-store.ts';
import type { PullProgress } from './pull-progress.ts';

/** An image that containers are made from, or that is being pulled. */
export interface ImageState {
  readonly image: string;
  /** Whether containers are made from it now. */
  readonly isConfigured: boolean;
  /** As the daemon has it; undefined when it has not. */
  readonly local: LocalImage | undefined;
  /** The last pull of it by this process. */
  readonly pull: PullProgress | undefined;
  /** What the registry said the last time that it was asked by this process. */
  readonly check: ImageCheck | undefined;
  /** Whether the registry has another image of that name than the daemon; undefined as long as that is not known. */
  readonly newer: boolean | undefined;
}

/** Puts together what is known of an image. */
export function imageState({ local, check, ...rest }: Omit<ImageState, 'newer'>): ImageState {
  const digest = check?.digest;
  const newer = local === undefined || digest === undefined ? undefined : !local.digests.includes(digest);
  return { ...rest, local, check, newer };
}
