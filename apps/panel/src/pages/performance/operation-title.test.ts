import { expect, it } from 'vitest';
import { operationTitle } from './operation-title.ts';

it.each([
  ['hls_manifest_generation', 'HLS manifest generation'],
  ['mpegts_chunk_read', 'MPEG-TS chunk read'],
  ['docker_stats_collection', 'Docker stats collection'],
])('says %s in words', (name, title) => {
  expect(operationTitle(name)).toBe(title);
});
