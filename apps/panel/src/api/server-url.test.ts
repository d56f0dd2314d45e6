import { expect, it } from 'vitest';
import { serverUrl } from './server-url.ts';

it.each([
  ['http://host:8000/panel/', 'http://host:8000/'],
  ['http://host:8000/panel/index.html#/streams/a%7Cb', 'http://host:8000/'],
  ['https://tv.example/some/base/panel/#/', 'https://tv.example/some/base/'],
  ['https://tv.example/panel/panel/?x=1#/', 'https://tv.example/panel/'],
  // `vite dev` has the page at the root.
  ['http://localhost:5173/#/engines', 'http://localhost:5173/'],
])('the server of %s is %s', (page, root) => {
  expect(serverUrl(page).href).toBe(root);
});
