import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseHash, withParameter } from './hash-address.ts';

describe('parseHash', () => {
  it.each([
    ['', '/'],
    ['#', '/'],
    ['#/', '/'],
    ['#/streams', '/streams'],
    ['#streams', '/streams'],
    ['#/streams?show=ended', '/streams'],
    ['#/play/http%3A%2F%2Fhost%2Fa%3Fid%3D1', '/play/http%3A%2F%2Fhost%2Fa%3Fid%3D1'],
  ])('finds the path of %j', (hash, path) => {
    expect(parseHash(hash).path).toBe(path);
  });
});

describe('withParameter', () => {
  it('leaves out what is the default, and keeps the rest', () => {
    const hash = withParameter('#/events', 'kind', 'engine', '');
    expect(hash).toBe('#/events?kind=engine');
    expect(withParameter(hash, 'find', 'a b', '')).toBe('#/events?kind=engine&find=a+b');
    expect(withParameter(hash, 'kind', '', '')).toBe('#/events');
  });

  it('says any text so that it is read again', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', minLength: 1 }), (text) => {
        const { path, parameters } = parseHash(withParameter('#/events?kind=engine', 'find', text, ''));
        expect(path).toBe('/events');
        expect(parameters.get('kind')).toBe('engine');
        expect(parameters.get('find')).toBe(text);
      }),
    );
  });
});
