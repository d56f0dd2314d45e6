import { expect, it } from 'vitest';
import * as main from '../src/index.ts';
import * as prometheus from '../src/prometheus.ts';

it('the entry points export these names', () => {
  expect(Object.keys(main).sort()).toEqual([
    'DEFAULT_HISTOGRAM_BOUNDS_MS',
    'MAX_RESOLVED_MS',
    'MIN_RESOLVED_MS',
    'PerfMetrics',
  ]);
  expect(Object.keys(prometheus)).toEqual(['registerPerfMetrics']);
});
