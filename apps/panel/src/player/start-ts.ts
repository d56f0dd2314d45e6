import mpegts from 'mpegts.js';
import { failureText } from './failure-text.ts';
import type { PlayerHandle, PlayerStart } from './player-handle.ts';

/** Plays an endless MPEG-TS body. */
export function startTs({ video, url, headers, onReady, onFailure }: PlayerStart): PlayerHandle {
  if (!mpegts.isSupported()) {
    onFailure('This browser has no Media Source Extensions.');
    return { stop: () => undefined };
  }
  mpegts.LoggingControl.enableAll = false;
  const player = mpegts.createPlayer(
    { type: 'mpegts', isLive: true, url, cors: true },
    // The server pauses a source that runs ahead; nothing is gained by stopping to read here.
    { enableWorker: false, lazyLoad: false, autoCleanupSourceBuffer: true, headers },
  );
  let ended = false;
  const fail = (text: string): void => {
    if (ended) return;
    ended = true;
    onFailure(text);
  };
  player.on(mpegts.Events.ERROR, (type: string, _detail: string, info?: { code?: number; msg?: string }) => {
    fail(type === mpegts.ErrorTypes.NETWORK_ERROR ? failureText(info?.code) : `${info?.msg ?? type}`);
  });
  player.on(mpegts.Events.LOADING_COMPLETE, () => fail('The stream has ended.'));
  player.attachMediaElement(video);
  player.load();
  onReady();
  return {
    stop() {
      ended = true;
      player.destroy();
    },
  };
}
