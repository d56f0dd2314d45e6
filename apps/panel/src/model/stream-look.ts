import type { StreamState } from '../api/types.ts';
import type { Tone } from '../ui/tone.ts';

export interface Look {
  readonly tone: Tone;
  readonly label: string;
  /** A sentence that explains it. */
  readonly text: string;
  /** It will become something else soon. */
  readonly moving: boolean;
}

/** The health of a stream in a word. */
export function streamLook({ state, peers, recoveries, end_reason }: StreamState): Look {
  switch (state) {
    case 'opening':
      return { tone: 'info', label: 'Opening', text: 'An engine is asked for it; no picture yet.', moving: true };
    case 'recovering':
      return {
        tone: 'warn',
        label: 'Recovering',
        text: 'Its engine failed; another one is sought while viewers stay connected.',
        moving: true,
      };
    case 'closed':
      return { tone: 'neutral', label: 'Ended', text: endText(end_reason), moving: false };
    case 'live':
      if (peers === 0) {
        return { tone: 'warn', label: 'No peers', text: 'Nobody in the swarm sends this channel now.', moving: false };
      }
      return {
        tone: 'ok',
        label: 'Playing',
        text:
          recoveries === 0
            ? 'Media arrives as it should.'
            : 'Media arrives as it should, after another engine took over.',
        moving: false,
      };
  }
}

const endTexts: Readonly<Record<string, string>> = {
  idle: 'The last viewer left.',
  reclaimed: 'Nobody watched, and another channel needed its place.',
  stopped: 'Somebody stopped it.',
  shutdown: 'The server was shut down.',
  open_failed: 'No engine could start it.',
  source_unstable: 'Its engines kept failing.',
  recovery_exhausted: 'No engine took over in time.',
};

export function endText(reason: string | null): string {
  return reason === null ? 'It has ended.' : (endTexts[reason] ?? `It ended: ${reason}.`);
}
