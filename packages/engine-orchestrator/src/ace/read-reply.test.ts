import { describe, expect, it } from 'vitest';
import { readReply } from './read-reply.ts';

function read(status: number, text: string): unknown {
  return readReply({ status, text }, 'response', 'The start');
}

describe('readReply', () => {
  it('takes the payload out', () => {
    expect(read(200, '{"response":{"a":1},"error":null}')).toEqual({ a: 1 });
    expect(readReply({ status: 200, text: '{"result":{"b":2}}' }, 'result', 'x')).toEqual({ b: 2 });
    expect(read(200, '{"response":"ok","error":null}')).toEqual({});
  });

  it.each<[string, number, string, string, string | undefined]>([
    ['dead content', 200, '{"response":null,"error":"failed to load content"}', 'content_dead', 'content-dead'],
    ['a lost session', 200, '{"response":null,"error":"unknown playback session id"}', 'session_gone', undefined],
    ['a start that lost a race', 200, '{"response":null,"error":"got newer download"}', 'superseded', undefined],
    ['no content named', 200, '{"response":null,"error":"missing content id"}', 'bad_content', undefined],
    [
      'an entitlement',
      200,
      '{"error":"No ADs option must be activated to use this product"}',
      'engine_refused',
      'content-bad',
    ],
    ['an error object', 200, '{"error":{"message":"unknown protocol","code":0}}', 'engine_refused', 'content-bad'],
    ['an error that is no text', 200, '{"error":17}', 'engine_refused', 'content-bad'],
    ['an error beside a status', 500, '{"error":"Failed to load content"}', 'content_dead', 'content-dead'],
    ['download not found', 500, 'download not found', 'content_dead', 'content-dead'],
    ['an invalid transport file', 500, 'failed to start', 'content_dead', 'content-dead'],
    ['an unknown resource', 500, "Internal Server Error, couldn't find resource", 'content_dead', 'content-dead'],
    ['an engine in trouble', 500, 'Internal Server Error', 'engine_refused', 'engine-bad'],
    ['an engine in trouble without a word', 503, '', 'engine_refused', 'engine-bad'],
    ['a denied address', 403, 'Forbidden', 'engine_refused', 'engine-bad'],
    ['a redirect', 302, 'Redirect to http://example.org', 'bad_response', 'engine-bad'],
    ['a web page', 200, '<html>Blocked</html>', 'bad_response', 'engine-bad'],
    ['nothing', 200, '', 'bad_response', 'engine-bad'],
    ['JSON that ends early', 200, '{"response":{"a"', 'bad_response', 'engine-bad'],
    ['JSON without a payload', 200, '{"result":{}}', 'bad_response', 'engine-bad'],
    ['a payload that is none', 200, '{"response":[1]}', 'bad_response', 'engine-bad'],
    ['neither payload nor error', 200, '{"response":null,"error":null}', 'bad_response', 'engine-bad'],
    ['JSON that is no object', 200, '[]', 'bad_response', 'engine-bad'],
  ])('reads %s', (_title, status, text, code, outcome) => {
    expect(() => read(status, text)).toThrow(expect.objectContaining({ code, outcome }));
  });

  it('keeps what the engine said, shortened', () => {
    const said = 'x'.repeat(1_000);
    expect(() => read(200, JSON.stringify({ error: said }))).toThrow(
      expect.objectContaining({ engineMessage: 'x'.repeat(200) }),
    );
    expect(() => read(403, ' deny \n access ')).toThrow(/--bind-all/);
  });
});
