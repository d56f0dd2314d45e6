import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, key, serve, type TestServer } from './serve.ts';

/** `?` is a field that may be null. */
type Shape = Readonly<Record<string, string>>;

/** What clients of the 1.5 release read, route by route, at the root. A field may be added; none may go or change its type. */
const engine: Shape = {
  container_id: 'string',
  container_name: 'string?',
  host: 'string',
  port: 'number',
  labels: 'object',
  forwarded: 'boolean',
  first_seen: 'date',
  last_seen: 'date?',
  streams: 'array',
  health_status: 'string',
  last_health_check: 'date?',
  last_stream_usage: 'date?',
  vpn_container: 'string?',
  engine_variant: 'string?',
  platform: 'string?',
  version: 'string?',
  forwarded_port: 'number?',
};

const stream: Shape = {
  id: 'string',
  key_type: 'string',
  key: 'string',
  container_id: 'string',
  playback_session_id: 'string',
  stat_url: 'string',
  command_url: 'string',
  is_live: 'boolean',
  started_at: 'date',
  ended_at: 'date?',
  status: 'string',
  peers: 'number?',
  speed_down: 'number?',
  speed_up: 'number?',
  downloaded: 'number?',
  uploaded: 'number?',
  livepos: 'object?',
};

const status: Shape = {
  status: 'string',
  'engines.total': 'number',
  'engines.running': 'number',
  'engines.healthy': 'number',
  'engines.unhealthy': 'number',
  'streams.active': 'number',
  'streams.total': 'number',
  'capacity.total': 'number',
  'capacity.used': 'number',
  'capacity.available': 'number',
  'capacity.max_replicas': 'number',
  'capacity.min_replicas': 'number',
  'vpn.enabled': 'boolean',
  'vpn.connected': 'boolean',
  'vpn.health': 'string',
  'provisioning.can_provision': 'boolean',
  'provisioning.circuit_breaker_state': 'string?',
  'provisioning.last_failure': 'string?',
  'provisioning.blocked_reason': 'string?',
  'provisioning.blocked_reason_details': 'object?',
  config: 'object',
  timestamp: 'date',
};

const performanceReport: Shape = {
  window_seconds: 'number',
  'operations.engine_open.count': 'number',
  'operations.engine_open.avg_ms': 'number',
  'operations.engine_open.p50_ms': 'number',
  'operations.engine_open.p95_ms': 'number',
  'operations.engine_open.p99_ms': 'number',
  'operations.engine_open.min_ms': 'number',
  'operations.engine_open.max_ms': 'number',
  'operations.engine_open.success_rate': 'number',
};

const routes: readonly [path: string, pick: (body: unknown) => unknown, shape: Shape][] = [
  ['/engines', first, engine],
  ['/engines/:engine', (body) => at(body, 'engine'), engine],
  ['/engines/:engine', (body) => first(at(body, 'streams')), stream],
  ['/streams', first, stream],
  ['/streams?status=started', first, stream],
  [
    '/streams/:stream/stats',
    first,
    {
      ts: 'date',
      peers: 'number',
      speed_down: 'number',
      speed_up: 'number',
      downloaded: 'number',
      uploaded: 'number',
      status: 'string',
      livepos: 'object?',
    },
  ],
  [
    '/proxy/streams/:key/clients',
    (body) => first(at(body, 'clients')),
    {
      client_id: 'string',
      ip_address: 'string',
      user_agent: 'string?',
      connected_at: 'date',
      last_active: 'date',
      bytes_sent: 'number',
    },
  ],
  ['/orchestrator/status', (body) => body, status],
  ['/metrics/performance?operation=engine_open&window=60', (body) => body, performanceReport],
  [
    '/events?limit=1',
    first,
    {
      id: 'number',
      timestamp: 'date',
      event_type: 'string',
      category: 'string',
      message: 'string',
      details: 'object?',
      container_id: 'string?',
      stream_id: 'string?',
    },
  ],
  ['/events/stats', (body) => body, { total: 'number', by_type: 'object' }],
  [
    '/engines/stats/total',
    (body) => body,
    {
      total_cpu_percent: 'number',
      total_memory_usage: 'number',
      total_network_rx_bytes: 'number',
      total_network_tx_bytes: 'number',
      total_block_read_bytes: 'number',
      total_block_write_bytes: 'number',
      container_count: 'number',
    },
  ],
  ['/streams/:stream/livepos', (body) => body, { has_livepos: 'boolean', is_live: 'boolean', livepos: 'object?' }],
  ['/streams/:stream/extended-stats', (body) => body, { infohash: 'string', is_live: 'boolean', mime: 'string' }],
  ['/health/status', (body) => body, { minimum_required: 'number', circuit_breakers: 'object' }],
  [
    '/stream-loop-detection/config',
    (body) => body,
    {
      enabled: 'boolean',
      threshold_seconds: 'number',
      threshold_minutes: 'number',
      threshold_hours: 'number',
      check_interval_seconds: 'number',
      retention_minutes: 'number',
    },
  ],
  ['/looping-streams', (body) => body, { stream_ids: 'array', streams: 'object', retention_minutes: 'number' }],
  [
    '/custom-variant/config',
    (body) => body,
    {
      enabled: 'boolean',
      platform: 'string?',
      image: 'string',
      command: 'array',
      env: 'object',
      parameters: 'array',
      memory_limit: 'string?',
    },
  ],
  [
    '/custom-variant/reprovision/status',
    (body) => body,
    {
      in_progress: 'boolean',
      status: 'string',
      phase: 'string?',
      total_engines: 'number',
      engines_stopped: 'number',
      engines_provisioned: 'number',
      message: 'string?',
    },
  ],
];

let test: TestServer;
let player: Player;
beforeAll(async () => {
  test = await serve();
  player = new Player(`${test.origin}/ace/getstream?id=${channel(1)}`);
  await player.more();
  await eventually(async () => (await test.get<unknown[]>(`/streams/${channel(1)}/stats`)).body.length > 0);
});
afterAll(async () => {
  player.leave();
  await test[Symbol.asyncDispose]();
});

function pathOf(template: string): string {
  return template
    .replace(':engine', `127.0.0.1:${test.engines[0]!.port}`)
    .replace(':stream', channel(1))
    .replace(':key', channel(1));
}

describe('a client of the 1.5 release', () => {
  it.each(routes)('reads the fields of GET %s', async (template, pick, shape) => {
    const path = pathOf(template);
    const answer = await test.get<unknown>(path);
    expect(answer.status).toBe(200);
    const fields = pick(answer.body);
    expect(
      Object.fromEntries(Object.entries(shape).map(([name, type]) => [name, fitted(at(fields, name), type)])),
    ).toEqual(shape);
    const canonical = await test.get<unknown>(`/api/v1${path}`);
    expect(Object.keys(pick(canonical.body) as object)).toEqual(Object.keys(fields as object));
  });

  it('finds the reason of a refusal in `detail`', async () => {
    for (const path of ['/engines/none', '/streams/none', '/metrics/performance?window=x']) {
      expect((await test.get(path)).body).toMatchObject({ detail: expect.any(String) });
    }
  });

  it('scrapes the metrics by their names', async () => {
    const text = await (await fetch(`${test.origin}/metrics`)).text();
    const names = [
      ...['uploaded_bytes', 'downloaded_bytes', 'upload_speed_mbps', 'download_speed_mbps', 'peers', 'streams'].map(
        (name) => `orch_total_${name}`,
      ),
      ...['healthy', 'unhealthy', 'used', 'extra'].map((name) => `orch_${name}_engines`),
    ];
    for (const name of names) expect(text).toMatch(new RegExp(`^${name} [\\d.e+-]+$`, 'm'));
  });

  it('stops streams by command URL and by id', async () => {
    const headers = { 'x-api-key': key, 'content-type': 'application/json' };
    const stopped = await test.request<unknown[]>('/streams/batch-stop', {
      method: 'POST',
      headers,
      body: JSON.stringify([`http://127.0.0.1:${test.engines[0]!.port}/ace/cmd/none`]),
    });
    const shape = { command_url: 'string', success: 'boolean', message: 'string', stream_id: 'string?' };
    const [result] = stopped.body;
    for (const [name, type] of Object.entries(shape)) expect(fitted(at(result, name), type)).toBe(type);
    const { status: code, body } = await test.request(`/streams/${channel(1)}`, { method: 'DELETE', headers });
    expect([code, typeof body['message'], typeof body['stream_id']]).toEqual([200, 'string', 'string']);
  });
});

function first(body: unknown): unknown {
  return Array.isArray(body) ? body[0] : undefined;
}

/** The field at a dotted path. */
function at(body: unknown, path: string): unknown {
  return path.split('.').reduce((value, name) => (value as Record<string, unknown> | undefined)?.[name], body);
}

/** `type` when `value` is of it, else what it is instead. */
function fitted(value: unknown, type: string): string {
  if (value === null && type.endsWith('?')) return type;
  const plain = type.replace('?', '');
  const fits =
    plain === 'date'
      ? typeof value === 'string' && !Number.isNaN(Date.parse(value))
      : plain === 'array'
        ? Array.isArray(value)
        : typeof value === plain && value !== null;
  return fits ? type : (JSON.stringify(value) ?? 'missing');
}
