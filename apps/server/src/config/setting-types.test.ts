import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { choice, engineUrls, integer, networks, secret } from './setting-types.ts';

describe('integer', () => {
  it('takes every whole number in range and formats it back', () => {
    fc.assert(
      fc.property(fc.integer({ min: -50, max: 50 }), (value) => {
        const type = integer(-50, 50);
        expect(type.parse(type.format(value))).toBe(value);
      }),
    );
  });

  it.each(['', '1.5', '1e3', '0x10', 'ten', '101', '-1', ' 7'])(
    'refuses %j with the range and what was given',
    (text) => {
      expect(() => integer(0, 100, 'ms').parse(text)).toThrow(`must be a whole number from 0 to 100 ms, not "${text}"`);
    },
  );
});

describe('choice', () => {
  it('takes a word in any case', () => {
    expect(choice('open', 'local').parse('LOCAL')).toBe('local');
  });

  it('names the words when it refuses one', () => {
    expect(() => choice('open', 'local').parse('shut')).toThrow('must be one of open, local, not "shut"');
  });
});

describe('secret', () => {
  it('never repeats what it refuses', () => {
    expect(() => secret(8).parse('hunter2')).toThrow(/^must have at least 8 characters, not 7$/);
    expect(() => secret(8).parse('two words here')).toThrow(/^must not contain white space$/);
  });
});

describe('engineUrls', () => {
  it('takes a list, with port 80 where none is given and IPv6 without brackets', () => {
    expect(engineUrls().parse('http://a:6878, http://10.0.0.2 ,http://[::1]:6879/,')).toEqual([
      { host: 'a', port: 6878 },
      { host: '10.0.0.2', port: 80 },
      { host: '::1', port: 6879 },
    ]);
  });

  it('formats what parses back to the same engines', () => {
    const engines = engineUrls().parse('http://a:6878,http://[::1]:6879');
    expect(engineUrls().parse(engineUrls().format(engines))).toEqual(engines);
  });

  it.each([
    ['engine:6878', 'has a broken URL: "engine:6878"'],
    ['ftp://a', 'reached over http://, not ftp://'],
    ['6878', 'has a broken URL: "6878"'],
    ['http://', 'has a broken URL: "http://"'],
    ['https://a:6878', 'reached over http://, not https://'],
    ['http://a:6878/ace', 'only scheme, host and port belong there, as in http://a:6878'],
    ['http://user@a:6878', 'only scheme, host and port belong there'],
    ['http://a:0', 'port 0'],
    ['http://a:99999', 'has a broken URL'],
    ['http://a:6878,http://a:6878', 'names http://a:6878 twice'],
  ])('refuses %s', (text, sentence) => {
    expect(() => engineUrls().parse(text)).toThrow(sentence);
  });
});

describe('networks', () => {
  it('takes addresses and networks of both families', () => {
    expect(networks().parse('10.0.0.1, 10.0.0.0/8,::1,fd00::/8')).toEqual([
      '10.0.0.1',
      '10.0.0.0/8',
      '::1',
      'fd00::/8',
    ]);
  });

  it.each(['10.0.0.0/33', 'fd00::/129', '10.0.0', 'proxy', '10.0.0.0/8/8', '10.0.0.0/', '10.0.0.0/x'])(
    'refuses %s',
    (text) => {
      expect(() => networks().parse(text)).toThrow(`has "${text}", which is neither an address nor a network`);
    },
  );
});
