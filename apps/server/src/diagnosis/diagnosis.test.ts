import { describe, expect, it } from 'vitest';
import { adviceFor } from './advice.ts';
import { Diagnosis } from './diagnosis.ts';

const content = (number: number) => ({ kind: 'content_id', value: `${number}` }) as const;

describe('Diagnosis', () => {
  it('keeps the last 200 failures, and as many others, whichever is more frequent', () => {
    const diagnosis = new Diagnosis(() => 0);
    for (let number = 0; number < 250; number++) diagnosis.begin(`a${number}`, content(number), false).failed('x', 'x');
    for (let number = 0; number < 1_000; number++) diagnosis.begin(`b${number}`, content(number), false).played('e');
    const kept = diagnosis.find(() => true);
    expect(kept.filter(({ outcome }) => outcome === 'failed')).toHaveLength(200);
    expect(kept.length).toBeLessThanOrEqual(401);
    expect(kept[0]?.streamKey).toBe('b999');
  });

  it('gives a request that no engine was asked for an attempt of its own', () => {
    const diagnosis = new Diagnosis(() => 0);
    const request = { streamKey: 'k', content: content(1), code: 'too_many_sessions', message: 'full' };
    diagnosis.requestFailed({ ...request, requestId: 'r1' });
    diagnosis.requestFailed({ ...request, requestId: 'r2' });
    expect(diagnosis.find(() => true)).toMatchObject([{ outcome: 'failed', steps: [], requestIds: ['r1', 'r2'] }]);
  });

  it('advises by what the engine said of its peers', () => {
    const diagnosis = new Diagnosis(() => 50_000);
    const failed = (peers: number | undefined) => {
      const attempt = diagnosis.begin('k', content(1), false);
      if (peers !== undefined) attempt.step('peers', peers > 0, { peers });
      attempt.failed('no_data', 'x');
      return adviceFor(attempt);
    };
    expect(failed(undefined)).toContain('Try again later');
    expect(failed(0)).toContain('off the air');
    expect(failed(7)).toContain('7 peers');
  });
});
