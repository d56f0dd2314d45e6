import type { Part as HlsPart, Segment as HlsSegment } from '@acestream-orchestrator/hls-proxy';
import type { Part as CutPart, Segment as CutSegment } from '@acestream-orchestrator/mpegts-proxy';
import { expectTypeOf, it } from 'vitest';

it('what one library cuts is what the other publishes', () => {
  expectTypeOf<CutPart>().toEqualTypeOf<HlsPart>();
  expectTypeOf<CutSegment>().toExtend<HlsSegment>();
});
