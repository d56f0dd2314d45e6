import { expect, it } from 'vitest';
import { failureText } from './failure-text.ts';

it.each([
  [undefined, 'The connection broke.'],
  [-1, 'The connection broke.'],
  [401, 'Playing needs the key here: sign in, then try again. (The server answered 401.)'],
  [503, 'No engine can play it now. (The server answered 503.)'],
  [500, 'It cannot be played. (The server answered 500.)'],
])('says what %s means', (status, text) => {
  expect(failureText(status)).toBe(text);
});
