import type { Engine } from '../engine.ts';
import type { ProbeResult } from '../probe.ts';

/** A probe whose answers a test decides; engines are well unless it says otherwise. */
export interface FakeProbe {
  (engine: Engine, options: { readonly signal: AbortSignal }): Promise<ProbeResult>;
  /** `hang` never answers, not even when its signal aborts. */
  set(engineId: string, answer: ProbeResult | 'ok' | 'fail' | 'hang'): void;
  /** The ids it was called with, in order. */
  readonly calls: readonly string[];
}

export function fakeProbe(): FakeProbe {
  const answers = new Map<string, ProbeResult | 'hang'>();
  const calls: string[] = [];
  const probe = (engine: Engine): Promise<ProbeResult> => {
    calls.push(engine.id);
    const answer = answers.get(engine.id) ?? { ok: true };
    return answer === 'hang' ? new Promise(() => {}) : Promise.resolve(answer);
  };
  return Object.assign(probe, {
    calls,
    set(engineId: string, answer: ProbeResult | 'ok' | 'fail' | 'hang') {
      if (answer === 'ok') answers.set(engineId, { ok: true });
      else if (answer === 'fail') answers.set(engineId, { ok: false, reason: 'told to fail' });
      else answers.set(engineId, answer);
    },
  });
}
