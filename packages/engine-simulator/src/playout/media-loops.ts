import { readFileSync } from 'node:fs';
import { packageFile } from '../package-file.ts';
import { type LoopTemplate, parseLoop } from './loop-template.ts';

/** The committed media loops; `media/make.sh` makes the files and says what is in them. */
export const MEDIA_LOOPS = {
  'h264-aac': { durationMs: 9600, bitsPerSecond: 1_560_400, radio: false },
  'h264-aac-8m': { durationMs: 3200, bitsPerSecond: 7_990_000, radio: false },
  'hevc-aac': { durationMs: 6400, bitsPerSecond: 1_198_500, radio: false },
  'radio-aac': { durationMs: 9600, bitsPerSecond: 188_000, radio: true },
} as const;

export type LoopName = keyof typeof MEDIA_LOOPS;

const loaded = new Map<LoopName, LoopTemplate>();

/**
 * The loop, read from disk the first time it is asked for and kept for the life of the process (at most 7 MB together).
 * The first call blocks for a few milliseconds.
 */
export function mediaLoop(name: LoopName): LoopTemplate {
  let template = loaded.get(name);
  if (!template) {
    template = parseLoop(readFileSync(packageFile('media', `${name}.mpegts`)), MEDIA_LOOPS[name].durationMs);
    loaded.set(name, template);
  }
  return template;
}
