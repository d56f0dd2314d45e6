import type { PullProgress } from '@acestream-orchestrator/engine-orchestrator/docker';
import { expect, it } from 'vitest';
import { createLog } from '../log.ts';
import { pullLog } from './pull-log.ts';

it('a download shows its beginning, its end, and every ten seconds how far it is', () => {
  const lines: Record<string, unknown>[] = [];
  let now = 0;
  const write = pullLog(createLog('info', { write: (line) => void lines.push(JSON.parse(line)) }), () => now);
  const tell = (status: PullProgress['status'], bytes: number): void =>
    write({ image: 'engine:1', status, layers: 2, layersDone: 1, bytes, totalBytes: 99 });
  for (; now < 25_000; now += 500) tell('pulling', now);
  tell('done', 99);
  tell('pulling', 0);
  tell('cancelled', 0);
  expect(lines.map(({ level, msg, bytes }) => `${level} ${msg} ${bytes}`)).toEqual([
    'info pulling the image 0',
    'info pulling the image 10000',
    'info pulling the image 20000',
    'info image pulled 99',
    'info pulling the image 0',
    'info the pull of the image was cancelled 0',
  ]);
});
