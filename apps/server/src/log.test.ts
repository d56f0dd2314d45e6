import { expect, it } from 'vitest';
import { createLog, redactUrl } from './log.ts';

it('hides tokens in URLs', () => {
  expect(redactUrl('/ace/getstream?id=a&token=secret&x=1')).toBe('/ace/getstream?id=a&token=***&x=1');
  expect(redactUrl('/ace/getstream?TOKEN=secret')).toBe('/ace/getstream?TOKEN=***');
  expect(redactUrl('/modify_m3u?m3u_url=http%3A%2F%2Fu%3Ap%40h&token=secret')).toBe(
    '/modify_m3u?m3u_url=***&token=***',
  );
  const viewer = `/ace/hls/content/${'t'.repeat(24)}/`;
  expect(redactUrl(`${viewer}7.ts`)).toBe('/ace/hls/content/***/7.ts');
});

it('writes structured lines with the level by name, without keys', () => {
  const lines: string[] = [];
  const log = createLog('info', { write: (line) => void lines.push(line) });
  log.debug('not this');
  log.info({ url: '/?token=secret', headers: { authorization: 'secret', 'x-api-key': 'secret' } }, 'this');
  expect(lines).toHaveLength(1);
  expect(JSON.parse(lines[0]!)).toMatchObject({ level: 'info', msg: 'this', url: '/?token=***' });
  expect(lines[0]).not.toContain('secret');
});

it('writes a line that repeats so many times only, and counts apart what is about something else', () => {
  const lines: string[] = [];
  const log = createLog('debug', { write: (line) => void lines.push(line) });
  for (let count = 0; count < 50; count++) {
    log.warn({ engine: 'one' }, 'engine unhealthy');
    log.warn({ engine: 'two' }, 'engine unhealthy');
    log.error('without fields');
    log.debug('detail');
    log.fatal('the end');
  }
  const counts = (text: string): number => lines.filter((line) => line.includes(text)).length;
  expect(['"one"', '"two"', 'without fields', 'detail', 'the end'].map(counts)).toEqual([30, 30, 30, 50, 50]);
});
