export { type FakeClock, fakeClock } from './testing/fake-clock.ts';
export { type FakeProbe, fakeProbe } from './testing/fake-probe.ts';
export { type FakeRuntime, fakeRuntime } from './testing/fake-runtime.ts';
