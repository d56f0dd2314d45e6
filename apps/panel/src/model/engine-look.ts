import type { EngineState } from '../api/types.ts';
import type { Look } from './stream-look.ts';

/** The health of an engine in a word. */
export function engineLook({ health_status, ready, draining }: EngineState): Look {
  if (draining) {
    return {
      tone: 'warn',
      label: 'Draining',
      text: 'It finishes what it plays and takes nothing new.',
      moving: true,
    };
  }
  if (health_status === 'unhealthy') {
    return { tone: 'bad', label: 'Unhealthy', text: 'It does not answer as an engine should.', moving: false };
  }
  if (ready) return { tone: 'ok', label: 'Ready', text: 'It answers and takes streams.', moving: false };
  return { tone: 'info', label: 'Starting', text: 'It has not answered yet.', moving: true };
}
