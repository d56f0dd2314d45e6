import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { CountLog } from './count-log.ts';
import { BUCKET_COUNT } from './duration-buckets.ts';

const entry = fc
  .array(
    fc.tuple(
      fc.nat(BUCKET_COUNT - 1),
      fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 32 - 1 })),
    ),
    { maxLength: 60, size: 'max' },
  )
  .map((cells) => {
    const counts = new Uint32Array(BUCKET_COUNT);
    for (const [bucket, count] of cells) counts[bucket] = count;
    return counts;
  });

describe('CountLog', () => {
  it('gives back every entry as it was put in, however the buffer grew and went round', () => {
    const step = fc.record({ counts: entry, drops: fc.nat(1) });
    const steps = fc.array(step, { maxLength: 40, size: 'max' });
    fc.assert(
      fc.property(steps, (run) => {
        const log = new CountLog();
        const kept: { counts: Uint32Array; length: number }[] = [];
        for (const { counts, drops } of run) {
          kept.push({ counts, length: log.append(counts) });
          for (const { length } of kept.splice(0, drops)) log.drop(length);
        }
        let offset = 0;
        for (const { counts, length } of kept) {
          const read = new Float64Array(BUCKET_COUNT);
          log.addTo(read, offset, length, 1);
          expect(read.every((count, bucket) => count === counts[bucket])).toBe(true);
          offset += length;
        }
        expect(log.length).toBe(offset);
      }),
      // Shrinking such an example would take minutes.
      { endOnFailure: true },
    );
  });

  it('subtracting an entry undoes adding it', () => {
    fc.assert(
      fc.property(entry, (counts) => {
        const log = new CountLog();
        const length = log.append(counts);
        const sum = new Float64Array(BUCKET_COUNT);
        log.addTo(sum, 0, length, 1);
        log.addTo(sum, 0, length, -1);
        expect(sum.every((count) => count === 0)).toBe(true);
      }),
    );
  });

  it('takes one byte for a bucket with few records next to another', () => {
    const counts = new Uint32Array(BUCKET_COUNT).fill(3, 10, 60);
    expect(new CountLog().append(counts)).toBe(50);
  });

  it('keeps its size under a steady load', () => {
    const log = new CountLog();
    const counts = new Uint32Array(BUCKET_COUNT).fill(1000);
    const lengths: number[] = [];
    let capacityBytes = 0;
    for (let second = 0; second < 500; second++) {
      lengths.push(log.append(counts));
      if (lengths.length > 10) log.drop(lengths.shift()!);
      if (second === 20) capacityBytes = log.capacityBytes;
    }
    expect(log.capacityBytes).toBe(capacityBytes);
    expect(capacityBytes).toBe(64 * 1024);
  });
});
