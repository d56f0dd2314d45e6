export { type FakeClock, fakeClock } from './testing/fake-clock.ts';
export { type FakeSegment, type FakeSegmentFields, type FakeSegments, fakeSegments } from './testing/fake-segments.ts';
