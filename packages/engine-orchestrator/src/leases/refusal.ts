import type { OrchestratorErrorCode } from '../orchestrator-error.ts';

/** Why one engine did not serve a request. */
export type Obstacle =
  | 'full'
  /** It still has a session of this content. */
  | 'same-content'
  | 'unhealthy'
  | 'draining'
  | 'stopped'
  /** Not probed to an end yet. */
  | 'starting'
  | 'excluded';

/** Which error a request gets that no engine served, and the sentence that goes with it. */
export function explainRefusal(
  key: string,
  obstacles: readonly Obstacle[],
): { code: Extract<OrchestratorErrorCode, 'no_capacity' | 'no_engines' | 'acquire_timeout'>; message: string } {
  const counts = new Map<Obstacle, number>();
  for (const obstacle of obstacles) counts.set(obstacle, (counts.get(obstacle) ?? 0) + 1);
  const found = [...counts].map(([obstacle, count]) => `${count} ${sentences[obstacle]}`).join(', ');
  const message = `No engine for ${key}: ${found === '' ? 'none is known' : `of ${obstacles.length}, ${found}`}`;
  if (counts.has('full')) return { code: 'no_capacity', message };
  if (counts.has('same-content') || counts.has('starting')) return { code: 'acquire_timeout', message };
  return { code: 'no_engines', message };
}

const sentences: Readonly<Record<Obstacle, string>> = {
  full: 'full',
  'same-content': 'with a session of it',
  unhealthy: 'unhealthy',
  draining: 'draining',
  stopped: 'not running',
  starting: 'still starting',
  excluded: 'excluded by the caller',
};
