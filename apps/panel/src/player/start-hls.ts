import Hls from 'hls.js/light';
import { failureText } from './failure-text.ts';
import type { PlayerHandle, PlayerStart } from './player-handle.ts';

/** Plays a live playlist. */
export function startHls({ video, url, headers, onReady, onFailure }: PlayerStart): PlayerHandle {
  if (!Hls.isSupported()) return startNative({ video, url, onReady, onFailure });
  const hls = new Hls({
    enableWorker: false,
    // A channel takes its time to start on an engine.
    manifestLoadPolicy: {
      default: { ...Hls.DefaultConfig.manifestLoadPolicy.default, maxTimeToFirstByteMs: 55_000, maxLoadTimeMs: 60_000 },
    },
    xhrSetup: (xhr) => {
      for (const [name, value] of Object.entries(headers)) xhr.setRequestHeader(name, value);
    },
  });
  let recovered = false;
  hls.on(Hls.Events.ERROR, (_event, { fatal, type, details, response }) => {
    if (!fatal) return;
    if (type === Hls.ErrorTypes.MEDIA_ERROR && !recovered) {
      recovered = true;
      hls.recoverMediaError();
      return;
    }
    hls.destroy();
    onFailure(response?.code ? failureText(response.code) : `The player gave up: ${details}.`);
  });
  hls.loadSource(url);
  hls.attachMedia(video);
  hls.on(Hls.Events.MANIFEST_PARSED, onReady);
  return { stop: () => hls.destroy() };
}

/** Safari on a phone plays HLS by itself, and sends no headers: it works where playback needs no key. */
function startNative({ video, url, onReady, onFailure }: Omit<PlayerStart, 'headers'>): PlayerHandle {
  const fail = (): void => onFailure(video.error?.message || 'This browser cannot play it.');
  video.addEventListener('error', fail, { once: true });
  video.src = url;
  onReady();
  return {
    stop() {
      video.removeEventListener('error', fail);
      video.removeAttribute('src');
      video.load();
    },
  };
}
