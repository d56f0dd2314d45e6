import { expect, it } from 'vitest';
import { RememberedContents } from './remembered-contents.ts';

function askForOthers(contents: RememberedContents<string>, count: number): void {
  for (let number = 0; number < count; number++) contents.expect(`other ${number}`, 'other');
}

it('a content in use is never forgotten, however many others are asked for', () => {
  const contents = new RememberedContents<string>();
  contents.expect('a', 'news');
  contents.use('a');
  askForOthers(contents, 10_000);
  expect([contents.get('a'), contents.use('a')]).toEqual(['news', 'news']);
});

it('one that is not in use is remembered until 3 000 others were asked for since', () => {
  const contents = new RememberedContents<string>();
  contents.expect('a', 'news');
  contents.use('a');
  contents.release('a');
  askForOthers(contents, 2_999);
  expect(contents.get('a')).toBe('news');
  contents.expect('one more', 'other');
  expect(contents.get('a')).toBeUndefined();
  expect(() => contents.use('a')).toThrow(TypeError);
});

it('what a key stands for stays what it was first', () => {
  const contents = new RememberedContents<string>();
  contents.expect('a', 'news');
  contents.expect('a', 'sport');
  contents.use('a');
  contents.expect('a', 'weather');
  contents.release('a');
  contents.release('a');
  expect(contents.get('a')).toBe('news');
});
