import { expect, it } from 'vitest';
import { parseContentInfo } from './content-info.ts';

it('reads the infohash that an engine tells, in lower case', () => {
  expect(parseContentInfo({ infohash: 'AB'.repeat(20), title: 'News' })).toMatchObject({
    infohash: 'ab'.repeat(20),
    title: 'News',
  });
});

it('leaves out what is no infohash', () => {
  for (const infohash of [undefined, '', 'ab', 'xy'.repeat(20), 7]) {
    expect(parseContentInfo({ infohash })).toEqual({ categories: [], languages: [], countries: [] });
  }
});
