import { type RefObject, useEffect, useRef, useState } from 'react';
import { keyStore } from '../api/key-store.ts';
import type { ContentName } from '../format/content.ts';
import { useLive } from '../live/use-live.ts';
import { playOrMute } from './play-or-mute.ts';
import { type PlayFormat, playUrl } from './play-urls.ts';
import type { PlayerHandle } from './player-handle.ts';

export type PlaybackState =
  | { readonly kind: 'idle' | 'starting' }
  /** `silenced` when the browser let it start without sound only. */
  | { readonly kind: 'playing'; readonly silenced: boolean }
  | { readonly kind: 'failed'; readonly text: string };

export interface PlaybackOptions {
  readonly content: ContentName;
  readonly format: PlayFormat;
  readonly autoStart: boolean;
  /** Told when it plays, and when a try has failed. */
  readonly onOutcome: ((outcome: 'playing' | 'failed') => void) | undefined;
}

export interface Playback {
  readonly video: RefObject<HTMLVideoElement | null>;
  readonly state: PlaybackState;
  readonly play: () => void;
  readonly stop: () => void;
  readonly unmute: () => void;
  /** For the element's `onPlaying`. */
  readonly onPlaying: () => void;
  /** For the element's `onVolumeChange`. */
  readonly onVolumeChange: () => void;
}

/** The code that plays is loaded when somebody wants to play. */
const load = {
  ts: async () => (await import('./start-ts.ts')).startTs,
  hls: async () => (await import('./start-hls.ts')).startHls,
} as const;

/** Plays a channel into a video element while it is wanted; again by itself when the server was away. */
export function usePlayback({ content, format, autoStart, onOutcome }: PlaybackOptions): Playback {
  const video = useRef<HTMLVideoElement>(null);
  const [wanted, setWanted] = useState(autoStart);
  const [tries, setTries] = useState(0);
  const [state, setState] = useState<PlaybackState>({ kind: 'idle' });
  const silenced = useRef(false);
  const tell = useRef(onOutcome);
  tell.current = onOutcome;
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
    const fail = (text: string): void => {
      if (left) return;
      setState({ kind: 'failed', text });
      tell.current?.('failed');
    };
    const onReady = (): void =>
      void playOrMute(element, {
        onSilenced: () => {
          silenced.current = true;
          if (!left) setState((now) => (now.kind === 'playing' ? { kind: 'playing', silenced: true } : now));
        },
        onRefused: () => fail('The browser does not let it start by itself.'),
      });
    setState({ kind: 'starting' });
    load[format]().then(
      (start) => {
        if (left) return;
        const url = playUrl({ parameter, value }, format);
        handle = start({ video: element, url, headers: keyStore.headers(), onReady, onFailure: fail });
      },
      () => fail('The player could not be loaded.'),
    );
    return () => {
      left = true;
      handle?.stop();
      if (silenced.current) element.muted = false;
      silenced.current = false;
    };
  }, [parameter, value, format, wanted, tries]);

  useRetryOnReturn(state.kind === 'failed', () => setTries((count) => count + 1));

  return {
    video,
    state,
    play: () => {
      setWanted(true);
      setTries(tries + 1);
    },
    stop: () => setWanted(false),
    unmute: () => {
      if (video.current !== null) video.current.muted = false;
    },
    onPlaying: () => {
      if (state.kind === 'failed') return;
      setState({ kind: 'playing', silenced: silenced.current });
      tell.current?.('playing');
    },
    onVolumeChange: () => {
      if (video.current?.muted !== false) return;
      silenced.current = false;
      setState((now) => (now.kind === 'playing' ? { kind: 'playing', silenced: false } : now));
    },
  };
}

/** Another try when the server is back after it was away: what failed meanwhile failed for that. */
function useRetryOnReturn(failed: boolean, retry: () => void): void {
  const isThere = useLive(({ connection }) => connection.kind === 'live');
  const wasAway = useRef(false);
  useEffect(() => {
    if (!isThere) {
      wasAway.current = true;
      return;
    }
    if (wasAway.current && failed) retry();
    wasAway.current = false;
  }, [isThere, failed, retry]);
}
