import { expect, test } from 'vitest';
import { parseRequest } from './parse-request.ts';

const connection = { remoteAddress: '10.0.0.5', localHost: '10.0.0.1:6878' };

test('a request is split into method, path, query and headers', () => {
  const request = parseRequest(
    'GET /ace/getstream?id=ab%20c&pid=1 HTTP/1.1\r\nHost: box:6878\r\nRange: bytes=0-',
    connection,
  );
  expect(request).toMatchObject({ method: 'GET', path: '/ace/getstream', host: 'box:6878', remoteAddress: '10.0.0.5' });
  expect(request?.query.get('id')).toBe('ab c');
  expect(request?.headers.get('range')).toBe('bytes=0-');
});

test('without a Host header replies name the address the client connected to', () => {
  expect(parseRequest('GET / HTTP/1.0', connection)?.host).toBe('10.0.0.1:6878');
});

test('an absolute target is taken as its path', () => {
  expect(parseRequest('GET http://box:6878/search?query=a HTTP/1.1', connection)?.path).toBe('/search');
});

test.each(['', 'GET /', 'hello', 'GET / HTTP/2.0', 'get / HTTP/1.1'])('"%s" is not a request', (line) => {
  expect(parseRequest(line, connection)).toBeUndefined();
});
