/** Of a picture that starts by itself, when somebody opened a link to it. */
export interface SilentStart {
  /** It plays, without sound. */
  readonly onSilenced: () => void;
  /** The browser lets it not even play without sound. */
  readonly onRefused: () => void;
}

/** Starts to play. Browsers let nothing sound that nobody has clicked on: then without sound rather than not at all. */
export async function playOrMute(
  video: Pick<HTMLVideoElement, 'play' | 'muted'>,
  { onSilenced, onRefused }: SilentStart,
): Promise<void> {
  try {
    await video.play();
  } catch (error) {
    // Anything else was taken back by a stop, or is told by the player.
    if (!isRefusal(error)) return;
    video.muted = true;
    try {
      await video.play();
      onSilenced();
    } catch (again) {
      if (isRefusal(again)) onRefused();
    }
  }
}

function isRefusal(error: unknown): boolean {
  return error instanceof DOMException && error.name === 'NotAllowedError';
}
