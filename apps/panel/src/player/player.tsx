import { CirclePlay, LoaderCircle, RotateCw, Square, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { keyStore } from '../api/key-store.ts';
import type { ContentName } from '../format/content.ts';
import { Button } from '../ui/button.tsx';
import { type PlayFormat, playUrl } from './play-urls.ts';
import type { PlayerHandle } from './player-handle.ts';

export interface PlayerProps {
  readonly content: ContentName;
  readonly format: PlayFormat;
  readonly autoStart?: boolean;
  /** Told once a try has failed. */
  readonly onFailure?: () => void;
}

type State = { readonly kind: 'idle' | 'starting' | 'playing' } | { readonly kind: 'failed'; readonly text: string };

const load = {
  ts: async () => (await import('./start-ts.ts')).startTs,
  hls: async () => (await import('./start-hls.ts')).startHls,
} as const;

/** The channel in the page. The code that plays is loaded when somebody wants to play. */
export function Player({ content, format, autoStart = false, onFailure }: PlayerProps) {
  const video = useRef<HTMLVideoElement>(null);
  const [wanted, setWanted] = useState(autoStart);
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<State>({ kind: 'idle' });
  const tell = useRef(onFailure);
  tell.current = onFailure;
  const { parameter, value } = content;

  // biome-ignore lint/correctness/useExhaustiveDependencies: another try starts it anew
  useEffect(() => {
    const element = video.current;
    if (!wanted || element === null) {
      setState({ kind: 'idle' });
      return;
    }
    let left = false;
    let handle: PlayerHandle | undefined;
    const failed = (text: string): void => {
      if (left) return;
      setState({ kind: 'failed', text });
      tell.current?.();
    };
    setState({ kind: 'starting' });
    load[format]().then(
      (start) => {
        if (left) return;
        const url = playUrl({ parameter, value }, format);
        handle = start({ video: element, url, headers: keyStore.headers(), onFailure: failed });
      },
      () => failed('The player could not be loaded.'),
    );
    return () => {
      left = true;
      handle?.stop();
    };
  }, [parameter, value, format, wanted, tries]);

  return (
    <div className="relative overflow-hidden rounded-card bg-black">
      {/* biome-ignore lint/a11y/useMediaCaption: live TV carries its own captions, or none */}
      <video
        ref={video}
        className="aspect-video w-full"
        controls={state.kind === 'playing'}
        playsInline
        aria-label="The channel"
        onPlaying={() => setState((now) => (now.kind === 'failed' ? now : { kind: 'playing' }))}
      />
      {state.kind !== 'playing' && (
        <div className="absolute inset-0 grid place-items-center p-4 text-center text-white">
          {state.kind === 'idle' && (
            <button
              type="button"
              onClick={() => setWanted(true)}
              className="flex flex-col items-center gap-2 rounded-xl p-4 font-medium hover:text-accent focus-visible:outline-white"
            >
              <CirclePlay className="size-12" strokeWidth={1.25} aria-hidden="true" />
              Play here
            </button>
          )}
          {state.kind === 'starting' && (
            <div className="flex flex-col items-center gap-3">
              <LoaderCircle className="size-8 animate-spin" aria-hidden="true" />
              <p role="status">Waiting for the picture…</p>
              <Button size="sm" onClick={() => setWanted(false)}>
                <Square /> Stop
              </Button>
            </div>
          )}
          {state.kind === 'failed' && (
            <div className="flex flex-col items-center gap-3">
              <TriangleAlert className="size-8" aria-hidden="true" />
              <p role="alert">{state.text}</p>
              <Button size="sm" onClick={() => setTries(tries + 1)}>
                <RotateCw /> Try again
              </Button>
            </div>
          )}
        </div>
      )}
      {state.kind === 'playing' && (
        <Button size="sm" className="absolute top-3 right-3" onClick={() => setWanted(false)}>
          <Square /> Stop
        </Button>
      )}
    </div>
  );
}
