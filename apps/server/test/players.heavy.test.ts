import { spawn } from 'node:child_process';
import { chmod, mkdtemp } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { describeWithTools, runProcess } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { channel, key, serve } from './serve.ts';

const streamUrl = (origin: string, digit = 1): string => `${origin}/ace/getstream?id=${channel(digit)}`;

describeWithTools(describe, ['ffmpeg', 'ffprobe'], 'ffmpeg', ({ ffmpeg, ffprobe }) => {
  it.each([
    [1, ['h264', 'aac']],
    [5, ['h264', 'aac']],
    [7, ['hevc', 'aac']],
    [8, ['aac']],
  ])('ffprobe sees the streams of channel %i', async (digit, codecs) => {
    await using test = await serve();
    const args = ['-v', 'error', '-show_entries', 'stream=codec_name', '-of', 'csv=p=0', streamUrl(test.origin, digit)];
    const { exitCode, stdout, stderr } = await runProcess(ffprobe, args, { timeoutMs: 30_000 });
    expect([exitCode, stderr]).toEqual([0, '']);
    expect([...new Set(stdout.match(/\w+/g))]).toEqual(codecs);
  });

  it('ffmpeg decodes 20 seconds without a word', async () => {
    await using test = await serve();
    const args = ['-v', 'error', '-i', streamUrl(test.origin), '-t', '20', '-f', 'null', '-'];
    const { exitCode, stdout, stderr } = await runProcess(ffmpeg, args, { timeoutMs: 60_000 });
    expect([exitCode, stdout, stderr]).toEqual([0, '', '']);
  });

  it('gives up as soon as its token is revoked, as MPEG-TS and as HLS; one with another token decodes on', async () => {
    await using test = await serve({
      engines: [{ burstMs: 20_000 }],
      config: { authPlayback: 'key', hlsTargetDurationSeconds: 2 },
    });
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    const tokenFor = async (name: string) => {
      const init = { method: 'POST', headers, body: JSON.stringify({ name }) };
      return (await test.request<{ id: string; token: string }>('/tokens', init)).body;
    };
    const [lost, kept] = [await tokenFor('lost'), await tokenFor('kept')];
    const play = (path: string, token: string, ...limit: string[]) =>
      runProcess(
        ffmpeg,
        [
          '-v',
          'error',
          '-i',
          `${test.origin}/ace/${path}?id=${channel(1)}&token=${token}`,
          ...limit,
          '-f',
          'null',
          '-',
        ],
        { timeoutMs: 90_000 },
      );
    const revoked = [play('getstream', lost.token), play('manifest.m3u8', lost.token)];
    const other = play('getstream', kept.token, '-t', '30');
    await eventually(async () => {
      const { body } = await test.get<{ clients: number }[]>('/streams?status=started');
      return body[0]?.clients === 3;
    }, 30_000);
    const revokedMs = performance.now();
    expect((await fetch(`${test.origin}/tokens/${lost.id}`, { method: 'DELETE', headers })).status).toBe(200);
    for (const { timedOut } of await Promise.all(revoked)) expect(timedOut).toBe(false);
    expect(performance.now() - revokedMs).toBeLessThan(20_000);
    const { exitCode, stderr } = await other;
    expect([exitCode, stderr]).toEqual([0, '']);
  }, 120_000);
});

describeWithTools(describe, ['ffmpeg', 'mpv', 'cvlc', 'runuser'], 'three players', ({ ffmpeg, mpv, cvlc, runuser }) => {
  it('ffmpeg, mpv and VLC play at the same time and share one engine session', async () => {
    await using test = await serve({ engines: 2 });
    const url = streamUrl(test.origin);
    const ffmpegEnds = runProcess(ffmpeg, ['-v', 'error', '-i', url, '-t', '25', '-f', 'null', '-'], {
      timeoutMs: 90_000,
    });
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder of mpv's
    const status = '--term-status-msg=position=${=time-pos}';
    const mpvArgs = ['--no-config', '--vo=null', '--ao=null', '--frames=300', status, url];
    const mpvEnds = runProcess(mpv, mpvArgs, { timeoutMs: 90_000 });
    await using vlc = await startVlc(runuser, cvlc, url);

    const playing = await eventually(async () => {
      const { body } = await test.get<{ clients: number }[]>('/streams?status=started');
      return body[0]?.clients === 3 && body;
    }, 15_000);
    expect(playing).toHaveLength(1);
    const contents = test.engines.flatMap((engine) => Object.values(engine.state().contents));
    expect(contents).toMatchObject([{ starts: 1, downloads: 1, readers: 1, refusedReaders: 0 }]);

    const before = await vlc.positionSeconds();
    await delay(4_000);
    expect(await vlc.positionSeconds()).toBeGreaterThan(before);

    const mpvDone = await mpvEnds;
    const positions = [...(mpvDone.stdout + mpvDone.stderr).matchAll(/position=([\d.]+)/g)].map(([, seconds]) =>
      Number(seconds),
    );
    expect(mpvDone.exitCode).toBe(0);
    expect(positions.at(-1)! - positions[0]!).toBeGreaterThan(8);
    const ffmpegDone = await ffmpegEnds;
    expect([ffmpegDone.exitCode, ffmpegDone.stderr]).toEqual([0, '']);
  });
});

/** VLC without a picture, as a user that is not root, with its remote control on a port. */
async function startVlc(
  runuser: string,
  cvlc: string,
  url: string,
): Promise<{ positionSeconds(): Promise<number> } & AsyncDisposable> {
  const home = await mkdtemp(join(tmpdir(), 'vlc-'));
  await chmod(home, 0o777);
  const port = 20_000 + (process.pid % 20_000);
  const vlcArgs = ['--vout', 'dummy', '--aout', 'dummy', '--extraintf', 'rc', '--rc-host', `127.0.0.1:${port}`, url];
  // A group of its own, since cvlc is a script that starts VLC.
  const child = spawn(runuser, ['-u', 'nobody', '--', 'env', `HOME=${home}`, cvlc, ...vlcArgs], {
    stdio: 'ignore',
    detached: true,
  });
  const exited = new Promise((resolve) => child.once('close', resolve));
  const ask = (command: string): Promise<string> =>
    new Promise((resolve, reject) => {
      const socket = connect(port, '127.0.0.1');
      let answer = '';
      socket.on('data', (chunk: Buffer) => {
        answer += chunk;
      });
      socket.on('error', reject);
      socket.on('connect', () => socket.write(`${command}\n`));
      setTimeout(() => {
        socket.destroy();
        resolve(answer);
      }, 500);
    });
  return {
    positionSeconds: () =>
      eventually(async () => {
        const answer = await ask('get_time').catch(() => '');
        const seconds = Number(/(\d+)\s*(?:>|$)/.exec(answer.replace(/^.*\n(?=.*\d)/, ''))?.[1]);
        return seconds > 0 && seconds;
      }, 20_000),
    async [Symbol.asyncDispose]() {
      if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
      await exited;
    },
  };
}
