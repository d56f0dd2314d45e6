import type { Setting } from './setting.ts';
import { integer, toggle } from './setting-types.ts';

/** Settings of the search for streams that repeat themselves. */
export interface LoopConfig {
  readonly loopDetection: boolean;
  readonly loopThresholdSeconds: number;
  readonly loopCheckSeconds: number;
  readonly loopRetentionMinutes: number;
}

export const loopSettings: { readonly [Field in keyof LoopConfig]: Setting<LoopConfig[Field]> } = {
  loopDetection: {
    name: 'STREAM_LOOP_DETECTION_ENABLED',
    type: toggle(),
    default: false,
    text: 'Whether a stream that repeats an old broadcast is ended, and refused from then on.',
    group: 'loop-detection',
  },
  loopThresholdSeconds: {
    name: 'STREAM_LOOP_DETECTION_THRESHOLD_S',
    type: integer(60, 31_536_000, 's'),
    default: 3_600,
    text: 'How old the newest piece of a live stream may be.',
    group: 'loop-detection',
  },
  loopCheckSeconds: {
    name: 'STREAM_LOOP_CHECK_INTERVAL_S',
    type: integer(5, 3_600, 's'),
    default: 10,
    text: 'Time between two looks at a stream.',
    group: 'loop-detection',
  },
  loopRetentionMinutes: {
    name: 'STREAM_LOOP_RETENTION_MINUTES',
    type: integer(0, 525_600, 'minutes'),
    default: 0,
    text: 'How long a looping content is refused; 0 for ever.',
    group: 'loop-detection',
  },
};
