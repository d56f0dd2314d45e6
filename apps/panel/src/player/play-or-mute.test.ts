import { expect, it, vi } from 'vitest';
import { playOrMute } from './play-or-mute.ts';

/** Plays when `allows` says so. */
function videoThat(allows: (video: { muted: boolean }) => boolean, name = 'NotAllowedError') {
  const video = {
    muted: false,
    play: vi.fn(async () => {
      if (!allows(video)) throw new DOMException('no', name);
    }),
  };
  return video;
}

const told = () => ({ onSilenced: vi.fn(), onRefused: vi.fn() });

it('plays with sound where that is allowed', async () => {
  const video = videoThat(() => true);
  const tell = told();
  await playOrMute(video, tell);
  expect(video.muted).toBe(false);
  expect(tell.onSilenced).not.toHaveBeenCalled();
});

it('plays without sound, and says so, where the browser wants a click first', async () => {
  const video = videoThat(({ muted }) => muted);
  const tell = told();
  await playOrMute(video, tell);
  expect(video.muted).toBe(true);
  expect(tell.onSilenced).toHaveBeenCalledOnce();
});

it('says when it may not play at all', async () => {
  const tell = told();
  await playOrMute(
    videoThat(() => false),
    tell,
  );
  expect(tell.onRefused).toHaveBeenCalledOnce();
});

it('does not take a stop for a refusal', async () => {
  const video = videoThat(() => false, 'AbortError');
  const tell = told();
  await playOrMute(video, tell);
  expect(video.play).toHaveBeenCalledOnce();
  expect(video.muted).toBe(false);
  expect(tell.onRefused).not.toHaveBeenCalled();
});
