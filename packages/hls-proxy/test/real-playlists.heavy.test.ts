import { type ChildProcess, spawn } from 'node:child_process';
import { createReadStream } from 'node:fs';
import { mkdtemp, rm, stat, watch, writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { fromPlaylist, HlsProxy } from '../src/index.ts';
import { listening } from './stage.ts';

/** A moving picture with a tone, made while it is watched; a keyframe every second. */
const CAMERA = [
  ...['-v', 'error', '-re', '-f', 'lavfi', '-i', 'testsrc2=size=640x360:rate=25', '-f', 'lavfi', '-i', 'sine=440'],
  ...['-c:v', 'libx264', '-preset', 'ultrafast', '-tune', 'zerolatency', '-g', '25', '-c:a', 'aac'],
  ...['-f', 'hls', '-hls_time', '1', '-hls_list_size', '6', '-hls_delete_threshold', '6'],
];
const KEY = Buffer.from('0123456789abcdef');

/** A plain server of the files of a folder; knows single ranges, as file servers do. */
function fileServer(folder: string): Server {
  return createServer(async (request, response) => {
    const path = join(folder, new URL(request.url!, 'http://x').pathname.slice(1));
    const { size } = await stat(path).catch(() => ({ size: -1 }));
    if (size < 0) return void response.writeHead(404).end();
    const range = /^bytes=(\d+)-(\d+)$/.exec(request.headers.range ?? '');
    if (range === null) return void createReadStream(path).pipe(response);
    response.writeHead(206);
    createReadStream(path, { start: Number(range[1]), end: Number(range[2]) }).pipe(response);
  });
}

/** Resolves when a file of that name appears in a folder. It is watched from the call on. */
async function appears(folder: string, name: string, signal: AbortSignal): Promise<void> {
  for await (const { filename } of watch(folder, { signal })) if (filename === name) return;
}

describeWithTools(describe, ['ffmpeg'], 'live playlists that ffmpeg makes, republished', ({ ffmpeg }) => {
  let folder: string;
  let camera: ChildProcess | undefined;
  let files: Server;
  let published: Server;
  let proxy: HlsProxy;
  let entry: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'hls-proxy-'));
    await writeFile(join(folder, 'secret.key'), KEY);
    files = fileServer(folder);
    const url = await listening(files);
    await writeFile(join(folder, 'key-info'), `${url}/secret.key\n${join(folder, 'secret.key')}\n`);
    proxy = new HlsProxy({ open: (_key, { signal }) => fromPlaylist(`${url}/live.m3u8`, { signal }) });
    published = createServer(proxy.nodeHandler());
    entry = `${await listening(published)}/live.m3u8`;
  });
  afterEach(async () => {
    camera?.kill('SIGKILL');
    await proxy.close();
    for (const server of [files, published]) {
      server.closeAllConnections();
      server.close();
    }
    await rm(folder, { recursive: true, force: true });
  });

  test.each([
    ['MPEG-TS', ['-hls_flags', 'delete_segments']],
    ['fragmented MP4 with an initialisation section', ['-hls_segment_type', 'fmp4', '-hls_flags', 'delete_segments']],
    ['byte ranges of one file', ['-hls_flags', 'single_file']],
    ['AES-128, the IV from the sequence number', ['-hls_flags', 'delete_segments', '-hls_key_info_file', 'key-info']],
  ])('%s: ffmpeg decodes ten seconds without a word', async (_what, options) => {
    const gone = new AbortController();
    const written = appears(folder, 'live.m3u8', gone.signal);
    camera = spawn(ffmpeg, [...CAMERA, ...options, 'live.m3u8'], { cwd: folder, stdio: 'ignore' });
    camera.once('exit', (code) => gone.abort(new Error(`ffmpeg ended with ${code}`)));
    await written;
    const player = ['-v', 'error', '-allowed_extensions', 'ALL', '-i', entry, '-t', '10', '-f', 'null', '-'];
    const { exitCode, stderr } = await runProcess(ffmpeg, player);
    expect([exitCode, stderr]).toEqual([0, '']);
    const [session] = proxy.stats().sessions;
    expect(session).toMatchObject({ sourcesOpened: 1, segments: { lost: 0, overlong: 0 } });
    expect(session!.segments.total).toBeGreaterThanOrEqual(10);
  });
});
