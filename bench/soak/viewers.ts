/**
 * Viewers that come, look, pause and go, in a process of their own so that their memory is not the proxy's.
 *
 *   viewers.ts <origin> <viewers> <channels>
 *
 * Says once a second how many bytes they have read and how many of their joins failed.
 */
import { get, type IncomingMessage } from 'node:http';

const [origin = '', viewers = '60', channels = '6'] = process.argv.slice(2);
/** One in so many stops reading for a while, as a paused player does. */
const PAUSE_ONE_IN = 15;
const PAUSE_MS = 15_000;
const STAY_MS = { least: 500, most: 20_000 };

let bytes = 0;
let joins = 0;
let failures = 0;

function watch(viewer: number): void {
  const channel = Math.floor(Math.random() * Number(channels)) + 1;
  const again = (): void => void setTimeout(() => watch(viewer), 50);
  let answered = false;
  const request = get(`${origin}/${String(channel).repeat(40)}`, { agent: false }, (response) => {
    answered = true;
    joins++;
    if (response.statusCode !== 200) failures++;
    read(response);
    response.on('error', () => {});
    response.once('close', again);
  });
  const stayMs = STAY_MS.least + Math.random() ** 3 * STAY_MS.most;
  const leave = setTimeout(() => request.destroy(), stayMs);
  request.once('close', () => clearTimeout(leave));
  request.once('error', () => {
    if (!answered) again();
  });
}

function read(response: IncomingMessage): void {
  response.on('data', (chunk: Uint8Array) => {
    bytes += chunk.length;
  });
  if (Math.random() * PAUSE_ONE_IN > 1) return;
  response.pause();
  setTimeout(() => response.resume(), PAUSE_MS);
}

for (let viewer = 0; viewer < Number(viewers); viewer++) setTimeout(() => watch(viewer), viewer * 50);
setInterval(() => console.log(JSON.stringify({ bytes, joins, failures })), 1_000);
