import { describe, expect, it } from 'vitest';
import { operations } from '../src/operations.ts';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, key, serve } from './serve.ts';

const url = (origin: string, digit = 1): string => `${origin}/ace/getstream?id=${channel(digit)}`;
type Fields = Record<string, unknown>;

describe('streams', () => {
  it('show what is played, with the fields of the 1.5 release and ours', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    const { body } = await test.get<Fields[]>('/streams?status=started');
    const engine = test.engines[0]!;
    expect(body).toEqual([
      {
        id: `${channel(1)}|${engine.state().downloads[0]!.playbackSessionId}`,
        key_type: 'content_id',
        key: channel(1),
        infohash: engine.state().downloads[0]!.infohash,
        container_id: `127.0.0.1:${engine.port}`,
        playback_session_id: engine.state().downloads[0]!.playbackSessionId,
        stat_url: expect.stringMatching(`^http://127.0.0.1:${engine.port}/ace/stat/`),
        command_url: expect.stringMatching(`^http://127.0.0.1:${engine.port}/ace/cmd/`),
        is_live: true,
        started_at: expect.stringMatching(/^\d{4}-\d\d-\d\dT/),
        ended_at: null,
        end_reason: null,
        status: 'started',
        peers: null,
        speed_down: null,
        speed_up: null,
        downloaded: null,
        uploaded: null,
        livepos: null,
        clients: 1,
        bitrate: expect.any(Number),
        sources: 1,
        recoveries: 0,
        state: 'live',
        health: expect.objectContaining({
          continuity_errors: 0,
          transport_errors: 0,
          codecs: expect.arrayContaining([expect.objectContaining({ codec: 'h264' })]),
          resolution: expect.stringMatching(/^\d+x\d+$/),
          frozen_hint: false,
        }),
        hls: null,
        origin: 'server',
        splices: [],
        ...(body[0]!['peers'] === null ? {} : p2pFields),
      },
    ]);
  });

  const p2pFields = {
    peers: expect.any(Number),
    speed_down: expect.any(Number),
    speed_up: expect.any(Number),
    downloaded: expect.any(Number),
    uploaded: expect.any(Number),
    livepos: expect.objectContaining({ live_last: expect.stringMatching(/^\d+$/) }),
  };

  it('have peers and speeds once somebody looks, and a history', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    await eventually(async () => (await test.get<Fields[]>('/streams')).body[0]!['peers'] !== null);
    await eventually(async () => (await test.get<Fields[]>(`/streams/${channel(1)}/stats`)).body.length >= 2);
    const { body } = await test.get<Fields[]>(`/streams/${channel(1)}/stats`);
    expect(body[0]).toEqual({ ...p2pFields, ts: expect.any(String), status: 'dl' });
    const since = encodeURIComponent(body[1]!['ts'] as string);
    const later = await test.get<Fields[]>(`/streams/${channel(1)}/stats?since=${since}`);
    expect(later.body[0]).toEqual(body[1]);
  });

  it('answer at once while an engine does not', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    test.engines[0]!.faults.set('api-hangs', { endpoints: ['stat'] });
    for (let index = 0; index < 5; index++) {
      const startMs = performance.now();
      expect((await test.get('/streams')).status).toBe(200);
      expect(performance.now() - startMs).toBeLessThan(2_500);
    }
  });

  it('do not show the engine’s URLs without the key', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    for (const path of ['/streams', `/streams/${channel(1)}`, `/engines/127.0.0.1:${test.engines[0]!.port}`]) {
      const open = JSON.stringify((await test.get(path, {})).body);
      expect(open).toContain(channel(1));
      expect(open).not.toMatch(/\/ace\/(stat|cmd|r)\//);
      expect(JSON.stringify((await test.get(path)).body)).toMatch(/\/ace\/stat\//);
    }
  });

  it('are found by id, content and infohash, by engine and by status', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    const [stream] = (await test.get<Fields[]>('/streams')).body as [Fields];
    for (const name of [stream['id'], channel(1), stream['infohash']]) {
      const found = await test.get(`/api/v1/streams/${encodeURIComponent(String(name))}`);
      expect(found.body['id']).toBe(stream['id']);
    }
    expect((await test.get<Fields[]>('/streams?container_id=other')).body).toEqual([]);
    expect((await test.get<Fields[]>('/streams?status=ended')).body).toEqual([]);
    expect((await test.get<Fields[]>('/streams?status=paused')).status).toBe(400);
    expect((await test.get('/streams/unknown')).body).toMatchObject({ error: { code: 'stream_not_found' } });
  });

  it('DELETE ends the bytes to every player and the engine’s session, once', async () => {
    await using test = await serve();
    using one = new Player(url(test.origin));
    using two = new Player(url(test.origin));
    await Promise.all([one.more(), two.more()]);
    const remove = () => test.request(`/streams/${channel(1)}`, { method: 'DELETE', headers: { 'x-api-key': key } });
    const [first, second] = await Promise.all([remove(), remove()]);
    expect([first.status, second.status]).toEqual([200, 200]);
    expect(first.body).toMatchObject({ stopped: true, stream_id: expect.stringContaining(channel(1)) });
    await Promise.all([one.ended, two.ended]);
    expect(test.engines[0]!.state().downloads).toEqual([]);
    const counts = Object.values(test.engines[0]!.state().contents)[0]!;
    expect(counts.stops + counts.lateStops).toBe(1);
    expect((await remove()).body).toMatchObject({ stopped: false });
    expect((await test.get<Fields[]>('/streams?status=ended')).body).toMatchObject([
      { status: 'ended', end_reason: 'stopped', clients: 0 },
    ]);
    expect((await test.get<Fields[]>('/engines')).body).toMatchObject([{ leases: 0, streams: [] }]);
  });

  it('batch-stop ends several, by command URL or id, and says what it did not find', async () => {
    await using test = await serve();
    using one = new Player(url(test.origin, 1));
    using two = new Player(url(test.origin, 2));
    await Promise.all([one.more(), two.more()]);
    const streams = (await test.get<Fields[]>('/streams')).body;
    const of = (digit: number) => streams.find(({ key: content }) => content === channel(digit))!;
    const names = [of(1)['command_url'], of(2)['id'], 'http://e/ace/cmd/x/y'];
    const { body } = await test.request<Fields[]>('/streams/batch-stop', {
      method: 'POST',
      headers: { 'x-api-key': key, 'content-type': 'application/json' },
      body: JSON.stringify(names),
    });
    expect(body).toMatchObject([
      { command_url: names[0], success: true, stream_id: of(1)['id'] },
      { command_url: names[1], success: true, stream_id: of(2)['id'] },
      { command_url: names[2], success: false, stream_id: null, message: 'Stream not found' },
    ]);
    await Promise.all([one.ended, two.ended]);
    expect(test.engines[0]!.state().downloads).toEqual([]);
  });

  it('clients are told apart and shown with address and User-Agent', async () => {
    await using test = await serve({ config: { trustedProxies: ['127.0.0.1'] } });
    using direct = new Player(url(test.origin), { headers: { 'user-agent': 'VLC/3' } });
    using proxied = new Player(url(test.origin), { headers: { 'user-agent': 'mpv', 'x-forwarded-for': '10.1.2.3' } });
    await Promise.all([direct.more(), proxied.more()]);
    const { body } = await test.get<{ clients: Fields[] }>(`/proxy/streams/${channel(1)}/clients`);
    expect(body.clients.map((client) => [client['ip_address'], client['user_agent']]).toSorted()).toEqual([
      ['10.1.2.3', 'mpv'],
      ['127.0.0.1', 'VLC/3'],
    ]);
    expect(body.clients[0]).toMatchObject({ client_id: expect.any(String), bytes_sent: expect.any(Number), skips: 0 });
  });

  it('clients are anonymous to strangers', async () => {
    await using test = await serve({ config: { trustedProxies: ['127.0.0.1'], authRead: 'open' } });
    using player = new Player(url(test.origin), { headers: { 'user-agent': 'VLC/3' } });
    await player.more();
    const seenBy = async (headers: Record<string, string>) =>
      (await test.get<{ clients: Fields[] }>(`/proxy/streams/${channel(1)}/clients`, headers)).body.clients;
    const stranger = { 'x-forwarded-for': '203.0.113.9' };
    expect(await seenBy(stranger)).toMatchObject([{ ip_address: null, user_agent: null }]);
    expect(await seenBy({ ...stranger, 'x-api-key': key })).toMatchObject([{ ip_address: '127.0.0.1' }]);
    expect(await seenBy({})).toMatchObject([{ ip_address: '127.0.0.1', user_agent: 'VLC/3' }]);
  });

  it('an address that a client claims for itself is not believed', async () => {
    await using test = await serve({ config: { authPlayback: 'open' } });
    using liar = new Player(url(test.origin), { headers: { 'x-forwarded-for': '10.1.2.3' } });
    await liar.more();
    const { body } = await test.get<{ clients: Fields[] }>(`/proxy/streams/${channel(1)}/clients`);
    expect(body.clients).toMatchObject([{ ip_address: '127.0.0.1' }]);
  });
});

describe('/ace/status', () => {
  it('tells how many streams are played, or by how many one is', async () => {
    await using test = await serve();
    using one = new Player(url(test.origin));
    using two = new Player(url(test.origin));
    await Promise.all([one.more(), two.more()]);
    expect((await test.get('/ace/status')).body).toEqual({ streams: 1, total_clients: 2 });
    const path = `/ace/status?id=${channel(1).toUpperCase()}`;
    const shown = (await test.get(path)).body;
    expect(shown).toEqual({
      clients: 2,
      stream_id: expect.stringContaining(channel(1)),
      stat_url: expect.stringContaining('/ace/stat/'),
    });
    expect((await test.get(path, {})).body).toEqual({ ...shown, stat_url: null });
    expect((await test.get(`/ace/status?infohash=${channel(2)}`)).body).toMatchObject({
      error: { code: 'stream_not_found' },
    });
  });
});

describe('engines', () => {
  it('are shown by port with health, version and their streams', async () => {
    await using test = await serve({ engines: 2 });
    using player = new Player(url(test.origin));
    await player.more();
    const { body } = await test.get<Fields[]>('/engines');
    expect(body.map(({ port }) => port)).toEqual(test.engines.map(({ port }) => port).toSorted((a, b) => a - b));
    const playing = body.find(({ leases }) => leases === 1)!;
    expect(playing).toMatchObject({
      container_id: `127.0.0.1:${playing['port']}`,
      health_status: 'healthy',
      version: '3.2.11',
      ready: true,
      draining: false,
      max_leases: 3,
      streams: [expect.stringContaining(channel(1))],
      last_stream_usage: expect.any(String),
    });
    const one = await test.get<{ engine: Fields; streams: Fields[] }>(`/engines/${playing['container_id']}`);
    expect(one.body).toMatchObject({ engine: { port: playing['port'] }, streams: [{ key: channel(1) }] });
    expect((await test.get('/engines/unknown')).status).toBe(404);
  });

  it('decide whether the server is ready, but not whether it is alive', async () => {
    await using test = await serve({ engineUrls: ['http://127.0.0.1:1'] });
    expect((await test.get('/readyz', {})).status).toBe(503);
    expect((await test.get('/healthz', {})).body).toEqual({ status: 'ok' });
    await using well = await serve();
    expect((await well.get('/readyz', {})).body).toEqual({ status: 'ready', engines: 1 });
    expect((await well.get('/orchestrator/status')).body).toMatchObject({
      status: 'healthy',
      engines: { total: 1, healthy: 1 },
      capacity: { total: 3, used: 0, available: 3 },
      // As it was decided.
      config: { engines: 'static', auth_playback: 'local' },
    });
  });
});

describe('metrics', () => {
  it('every timed operation that exists has real samples after some play', async () => {
    await using test = await serve({ config: { lingerMs: 0 } });
    const player = new Player(url(test.origin));
    await player.more();
    await test.get('/streams');
    const sampled = (operation: string) =>
      eventually(async () => {
        const report = await test.get<{ window_seconds: unknown; operations: Record<string, Fields> }>(
          '/metrics/performance',
        );
        return report.body.operations[operation]?.['count'] !== 0 && report.body;
      });
    await sampled('engine_stat');
    player.leave();
    await eventually(() => test.engines[0]!.state().downloads.length === 0);
    // The engine has stopped before its answer is here.
    const body = await sampled('engine_stop');
    expect(body.window_seconds).toBe('all');
    expect(Object.keys(body.operations)).toEqual([...operations]);
    const notYet = ['hls_manifest_generation', 'hls_segment_fetch', 'docker_stats_collection', 'recovery'];
    for (const [operation, report] of Object.entries(body.operations)) {
      if (notYet.includes(operation)) expect(report).toMatchObject({ count: 0, p99_ms: 0, success_rate: 0 });
      else expect([operation, (report['count'] as number) > 0, report['success_rate']]).toEqual([operation, true, 100]);
    }
  });

  it('can be asked for one operation and a window; an unknown operation is zeros, a bad window an error', async () => {
    await using test = await serve();
    const one = await test.get<{ operations: Fields }>('/metrics/performance?operation=engine_probe&window=60');
    expect(one.body).toMatchObject({ window_seconds: 60, operations: { engine_probe: { count: 1 } } });
    expect((await test.get('/metrics/performance?operation=nothing')).body).toMatchObject({
      operations: { nothing: { count: 0 } },
    });
    for (const window of ['0', '-1', 'x', '1.5', '999999']) {
      expect((await test.get(`/metrics/performance?window=${window}`)).status).toBe(400);
    }
  });

  it('can be asked for the way of one operation, from before anybody looked', async () => {
    await using test = await serve();
    interface History {
      readonly step_seconds: number;
      readonly timestamps: readonly string[];
      readonly steps: readonly Fields[];
    }
    const path = '/metrics/performance/history?operation=engine_probe';
    const { body } = await eventually(async () => {
      const answer = await test.get<History>(path);
      return answer.body.steps.some(({ count }) => count === 1) && answer;
    }, 15_000);
    expect(body).toMatchObject({ operation: 'engine_probe', step_seconds: 5 });
    expect(body.steps.length).toBeGreaterThanOrEqual(179);
    expect(body.timestamps).toHaveLength(body.steps.length);
    expect(body.steps.at(-1)).toMatchObject({ success_rate: expect.any(Number), p99_ms: expect.any(Number) });
    const times = body.timestamps.map((time) => Date.parse(time));
    expect(Date.now() - times.at(-1)!).toBeLessThan(10_000);
    expect(times.at(-1)! - times[0]!).toBe((times.length - 1) * 5_000);
    for (const query of ['', '&step=4', '&window=901', '&step=x']) {
      const bad = query === '' ? '/metrics/performance/history' : path + query;
      expect([query, (await test.get(bad)).status]).toEqual([query, 400]);
    }
  });

  it('are text that Prometheus reads, with the names of the 1.5 release', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    const response = await fetch(`${test.origin}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain');
    const text = await response.text();
    const value = (name: string): number => Number(new RegExp(`^${name} (\\S+)$`, 'm').exec(text)?.[1]);
    for (const name of [
      'orch_total_uploaded_bytes',
      'orch_total_downloaded_bytes',
      'orch_total_upload_speed_mbps',
      'orch_total_download_speed_mbps',
      'orch_total_peers',
      'orch_unhealthy_engines',
      'orch_extra_engines',
    ]) {
      expect([name, value(name)]).toEqual([name, expect.any(Number)]);
      expect(value(name)).not.toBeNaN();
    }
    expect(value('orch_total_streams')).toBe(1);
    expect(value('orch_healthy_engines')).toBe(1);
    expect(value('orch_used_engines')).toBe(1);
    expect(value('orch_proxy_clients')).toBe(1);
    expect(value('orch_proxy_bytes_out_total')).toBeGreaterThan(0);
    expect(text).toContain('orch_operation_duration_seconds_count{operation="engine_open",outcome="success"} 1');
    expect(text).toContain('orch_playback_requests_total{outcome="played"} 1');
    for (const name of [
      'process_cpu_user_seconds_total',
      'process_resident_memory_bytes',
      'nodejs_eventloop_lag_p99_seconds',
    ]) {
      expect(value(name)).toBeGreaterThan(0);
    }
  });

  it('say how well each stream is, and nothing of a stream that has ended', async () => {
    await using test = await serve({ config: { lingerMs: 0 } });
    const player = new Player(url(test.origin));
    await player.more(1_000_000);
    const health = async (): Promise<Record<string, number>> => {
      const text = await (await fetch(`${test.origin}/metrics`)).text();
      const samples = text.matchAll(/^orch_stream_(\w+)\{stream="[^"]+"\} (\S+)$/gm);
      return Object.fromEntries([...samples].map(([, name, value]) => [name, Number(value)]));
    };
    expect(await health()).toMatchObject({
      clients: 1,
      continuity_errors: 0,
      transport_errors: 0,
      scrambled_packets: 0,
      frozen_hint: 0,
    });
    const playing = await health();
    for (const name of ['bits_per_second', 'buffered_bytes', 'pcr_interval_seconds', 'pat_interval_seconds']) {
      expect([name, playing[name]! > 0]).toEqual([name, true]);
    }
    player.leave();
    await eventually(async () => Object.keys(await health()).length === 0);
  });

  it('are there with nothing to measure, and while everything changes', async () => {
    await using test = await serve({ engineUrls: ['http://127.0.0.1:1'] });
    const texts = await Promise.all(
      Array.from({ length: 10 }, () => fetch(`${test.origin}/metrics`).then((r) => r.text())),
    );
    for (const text of texts) expect(text).toMatch(/^orch_total_streams 0$/m);
  });
});

describe('the log', () => {
  it('has one line at info for the start and one for the end of a stream, and none for probes and HEADs', async () => {
    await using test = await serve({ config: { lingerMs: 0, probeIntervalMs: 100 } });
    await fetch(url(test.origin), { method: 'HEAD' });
    const player = new Player(url(test.origin));
    await player.more();
    player.leave();
    await eventually(() => test.logs.some(({ msg }) => msg === 'stream ended'));
    const info = test.logs.filter(({ level }) => level === 'info').map(({ msg }) => msg);
    expect(info).toEqual([expect.stringContaining('listening'), 'engine healthy', 'stream started', 'stream ended']);
  });
});
