import { describe, expect, it } from 'vitest';
import { readQuery } from './read-query.ts';

describe('a query', () => {
  it.each<[string, Record<string, unknown>]>([
    ['', {}],
    ['id=a&pid=b', { id: 'a', pid: 'b' }],
    ['format=&id=a&&', { id: 'a' }],
    ['format', {}],
    ['id=a&id=a', { id: 'a' }],
    ['id=&id=a', { id: 'a' }],
    ['id=a&id=b&id=a', { id: ['a', 'b'] }],
    ['ID=a&InfoHash=&Format=HLS&TOKEN=t', { id: 'a', format: 'HLS', token: 't' }],
    ['ID=a&id=a', { id: 'a' }],
    ['ID=a&id=b', { id: ['a', 'b'] }],
    ['_HLS_msn=4&Limit=5', { _HLS_msn: '4', Limit: '5' }],
    ['a=%E0%A4%A&b=1+2%203', { a: '\ufffd%A', b: '1 2 3' }],
    ['id[]=a', { 'id[]': 'a' }],
  ])('"%s" says what its writer meant', (text, query) => {
    expect(readQuery(text)).toEqual(query);
  });

  it('cannot reach prototypes', () => {
    const query = readQuery('__proto__=a&constructor=b');
    expect(Object.keys(query)).toEqual(['__proto__', 'constructor']);
    expect(Object.getPrototypeOf(query)).toBe(Object.prototype);
  });
});
