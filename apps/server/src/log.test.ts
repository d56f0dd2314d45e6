import { expect, it } from 'vitest';
import { createLog, redactUrl } from './log.ts';

it('hides tokens in URLs', () => {
  expect(redactUrl('/ace/getstream?id=a&token=secret&x=1')).toBe('/ace/getstream?id=a&token=***&x=1');
  expect(redactUrl('/ace/getstream?TOKEN=secret')).toBe('/ace/getstream?TOKEN=***');
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
