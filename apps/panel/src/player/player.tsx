import { CirclePlay, LoaderCircle, RotateCw, Square, TriangleAlert, VolumeX } from 'lucide-react';
import type { ContentName } from '../format/content.ts';
import { Button } from '../ui/button.tsx';
import type { PlayFormat } from './play-urls.ts';
import { usePlayback } from './use-playback.ts';

export interface PlayerProps {
  readonly content: ContentName;
  readonly format: PlayFormat;
  readonly autoStart?: boolean;
  /** Told when it plays, and when a try has failed. */
  readonly onOutcome?: (outcome: 'playing' | 'failed') => void;
}

/** The channel in the page. */
export function Player({ content, format, autoStart = false, onOutcome }: PlayerProps) {
  const { video, state, play, stop, unmute, onPlaying, onVolumeChange } = usePlayback({
    content,
    format,
    autoStart,
    onOutcome,
  });
  return (
    <div className="relative overflow-hidden rounded-card bg-black">
      {/* biome-ignore lint/a11y/useMediaCaption: live TV carries its own captions, or none */}
      <video
        ref={video}
        className="aspect-video w-full"
        controls={state.kind === 'playing'}
        playsInline
        aria-label="The channel"
        onPlaying={onPlaying}
        onVolumeChange={onVolumeChange}
      />
      {state.kind !== 'playing' && (
        <div className="absolute inset-0 grid place-items-center bg-black/60 p-4 text-center text-white">
          {state.kind === 'idle' && (
            <button
              type="button"
              onClick={play}
              className="flex flex-col items-center gap-2 rounded-xl p-4 font-medium hover:bg-white/15 focus-visible:outline-white"
            >
              <CirclePlay className="size-12" strokeWidth={1.25} aria-hidden="true" />
              Play here
            </button>
          )}
          {state.kind === 'starting' && (
            <div className="flex flex-col items-center gap-3">
              <LoaderCircle className="size-8 animate-spin" aria-hidden="true" />
              <p role="status">Waiting for the picture…</p>
              <Button size="sm" onClick={stop}>
                <Square /> Stop
              </Button>
            </div>
          )}
          {state.kind === 'failed' && (
            <div className="flex flex-col items-center gap-3">
              <TriangleAlert className="size-8" aria-hidden="true" />
              <p role="alert">{state.text}</p>
              <Button size="sm" onClick={play}>
                <RotateCw /> Try again
              </Button>
            </div>
          )}
        </div>
      )}
      {state.kind === 'playing' && (
        <div className="absolute inset-x-3 top-3 flex justify-end gap-2">
          {state.silenced && (
            <Button size="sm" variant="primary" onClick={unmute}>
              <VolumeX /> Turn the sound on
            </Button>
          )}
          <Button size="sm" onClick={stop}>
            <Square /> Stop
          </Button>
        </div>
      )}
    </div>
  );
}
