import type { FaultSet } from '../faults/fault-set.ts';
import type { Playout } from '../playout/playout.ts';
import type { CountsByContent } from './content-counts.ts';
import type { EngineSettings } from './engine-options.ts';
import type { Random } from './random.ts';

/** What the parts of one engine share. */
export interface EngineContext {
  readonly settings: EngineSettings;
  readonly faults: FaultSet;
  readonly counts: CountsByContent;
  readonly random: Random;
  /**
   * The playout that takes the place of a content: of the channel named by content id or infohash, or, for an empty
   * name, of one with another kind of media.
   */
  otherPlayout(infohash: string, channelName: string): Playout;
}
