import { describe, expect, it } from 'vitest';
import { explainRefusal, type Obstacle } from './refusal.ts';

describe('explainRefusal', () => {
  it.each<[string, Obstacle[], string]>([
    ['all are full', ['full', 'full'], 'no_capacity'],
    ['some are full and the others are down', ['unhealthy', 'full'], 'no_capacity'],
    ['all are unhealthy', ['unhealthy', 'unhealthy'], 'no_engines'],
    ['none can be used', ['draining', 'stopped', 'excluded'], 'no_engines'],
    ['there is none', [], 'no_engines'],
    ['one is still starting', ['unhealthy', 'starting'], 'acquire_timeout'],
    ['one still closes the content', ['same-content', 'unhealthy'], 'acquire_timeout'],
  ])('when %s', (_title, obstacles, code) => {
    expect(explainRefusal('k', obstacles).code).toBe(code);
  });

  it('counts what is in the way', () => {
    expect(explainRefusal('k', ['unhealthy', 'draining', 'unhealthy']).message).toBe(
      'No engine for k: of 3, 2 unhealthy, 1 draining',
    );
    expect(explainRefusal('k', []).message).toBe('No engine for k: none is known');
  });
});
