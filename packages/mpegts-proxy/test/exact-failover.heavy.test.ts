import { BufferMeter } from '@acestream-orchestrator/engine-simulator/testing';
import { expect, test } from 'vitest';
import { PACKET_BYTES } from '../src/packet.ts';
import { type Recording, referenceFor, Swarm } from './swarm.ts';
import { until } from './until.ts';

const PSI_BYTES = 2 * PACKET_BYTES;

async function twentyPlaying(swarm: Swarm): Promise<Recording[]> {
  const recordings = Array.from({ length: 20 }, () => swarm.record());
  await until(() => recordings.every(({ bytes }) => bytes > 500_000), 'every client plays');
  return recordings;
}

/** Each recording goes on for so many bytes. */
async function playOn(recordings: readonly Recording[], bytes: number): Promise<void> {
  const wanted = recordings.map((recording) => recording.bytes + bytes);
  await until(() => recordings.every((recording, index) => recording.bytes >= wanted[index]!), 'everybody plays on');
}

/** From the join on, each recording is what the swarm broadcasts: not a packet more, less, or in another place. */
function expectUninterrupted(swarm: Swarm, recordings: readonly Recording[]): void {
  for (const recording of recordings) {
    expect(recording.ended).toBe(false);
    const media = recording.media().subarray(PSI_BYTES);
    const reference = referenceFor(swarm.contentId, media, media.length);
    expect(Buffer.compare(media, reference)).toBe(0);
  }
}

function expectNeverDry(recordings: readonly Recording[]): void {
  for (const { arrivals } of recordings) {
    const meter = new BufferMeter();
    for (const { chunk, atMs } of arrivals) meter.push(chunk, atMs);
    expect(meter.minBufferedMs).toBeGreaterThan(-100);
  }
}

test('the playing engine is killed: twenty recordings equal the broadcast, and no player runs dry', async () => {
  await using swarm = await Swarm.start([[], []]);
  const recordings = await twentyPlaying(swarm);
  await swarm.kill(swarm.playing);
  await until(() => swarm.splices.length === 1, 'the splice');
  await playOn(recordings, 400_000);
  expect(swarm.splices).toMatchObject([{ splice: 'exact' }]);
  expectUninterrupted(swarm, recordings);
  expectNeverDry(recordings);
});

test('twenty kills in a row, each engine started again, leave one uninterrupted stream', async () => {
  await using swarm = await Swarm.start([[], []], { recovery: { minDeliveredMs: 0, maxAttempts: 100 } });
  const recordings = await twentyPlaying(swarm);
  for (let kill = 1; kill <= 20; kill++) {
    const victim = swarm.playing;
    await swarm.kill(victim);
    await until(() => swarm.splices.length === kill, `splice ${kill}`);
    await swarm.restart(victim);
  }
  await playOn(recordings, 200_000);
  expect(swarm.splices.map(({ splice }) => splice)).toEqual(Array(20).fill('exact'));
  expectUninterrupted(swarm, recordings);
  expectNeverDry(recordings);
}, 120_000);

test.each([
  ['resets the connection in the middle of a packet', 'reset-mid-packet', { afterMs: 1_000, times: 1 }],
  ['ends the stream', 'end-early', { afterMs: 1_000, times: 1 }],
  ['falls silent', 'stall-forever', { afterMs: 1_000 }],
])('the playing engine %s: the recordings equal the broadcast', async (_what, fault, parameters) => {
  await using swarm = await Swarm.start([[], []]);
  await swarm.fault(0, fault, parameters);
  const recordings = await twentyPlaying(swarm);
  await until(() => swarm.splices.length === 1, 'the splice');
  await playOn(recordings, 400_000);
  expect(swarm.splices).toMatchObject([{ splice: 'exact', from: '0', to: '1' }]);
  expectUninterrupted(swarm, recordings);
  expectNeverDry(recordings);
});

test.each([
  ['is further ahead in the broadcast', ['--lag-ms', '0']],
  ['is further behind', ['--lag-ms', '4000']],
  ['has hardly a start burst', ['--burst-ms', '2500']],
])('the engine that takes over %s, the overlap is found', async (_what, args) => {
  await using swarm = await Swarm.start([[], args]);
  const recordings = await twentyPlaying(swarm);
  await swarm.kill(0);
  await until(() => swarm.splices.length === 1, 'the splice');
  await playOn(recordings, 300_000);
  expect(swarm.splices).toMatchObject([{ splice: 'exact' }]);
  expectUninterrupted(swarm, recordings);
});

test('the only engine dies and comes back without any memory: the stream goes on exactly', async () => {
  await using swarm = await Swarm.start([[]]);
  const recordings = await twentyPlaying(swarm);
  await swarm.kill(0);
  await swarm.restart(0);
  await until(() => swarm.splices.length === 1, 'the splice');
  await playOn(recordings, 200_000);
  expect(swarm.splices).toMatchObject([{ splice: 'exact' }]);
  expectUninterrupted(swarm, recordings);
});
