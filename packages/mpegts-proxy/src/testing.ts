export { type FakeClock, fakeClock } from './testing/fake-clock.ts';
export { type FakeSource, fakeSource } from './testing/fake-source.ts';
export { TEST_PIDS, type TransportStreamOptions, transportStream } from './testing/transport-stream.ts';
