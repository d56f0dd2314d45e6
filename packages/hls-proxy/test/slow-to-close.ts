import { type FakeSegments, fakeSegments } from '../src/testing.ts';

/** A source whose close takes until `closed`. */
export function slowToClose(closed: Promise<void>): FakeSegments {
  const source = fakeSegments();
  const { close } = source;
  source.close = async (reason) => {
    await closed;
    await close!(reason);
  };
  return source;
}
