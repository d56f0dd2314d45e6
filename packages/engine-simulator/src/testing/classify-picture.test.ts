import { expect, test } from 'vitest';
import { isRandomAccess } from './classify-picture.ts';

const hex = (text: string): Uint8Array => Buffer.from(text.replaceAll(' ', ''), 'hex');
const [MPEG2, H264, HEVC] = [0x02, 0x1b, 0x24];

test.each([
  [
    'an IDR slice behind SPS and PPS',
    H264,
    '00000001 09f0 00000001 6764001f 00000001 68ebc3cb 000001 6588840000',
    true,
  ],
  ['a recovery point before a plain slice', H264, '00000001 09f0 000001 06068480 000001 419a240000', true],
  ['a plain slice', H264, '00000001 09f0 000001 419a2400000000', false],
  ['an HEVC CRA behind its parameter sets', HEVC, '00000001 4001 0c01ffff 00000001 2a01af000000', true],
  ['an HEVC trailing picture', HEVC, '00000001 4601 50 00000001 0201d0000000', false],
  ['an MPEG-2 I picture', MPEG2, '000001b3 140f0013 00000100 000fff f800', true],
  ['an MPEG-2 P picture', MPEG2, '00000100 0057ff f80000', false],
])('%s', (_title, streamType, bytes, expected) => {
  expect(isRandomAccess(streamType, hex(bytes))).toBe(expected);
});

test('parameter sets alone say nothing yet', () => {
  expect(isRandomAccess(H264, hex('00000001 6764001f acb2 00000001 68ebc3cb 22c0'))).toBeUndefined();
});
