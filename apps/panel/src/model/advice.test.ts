import { describe, expect, it } from 'vitest';
import type { EngineState, OrchestratorStatus, StreamState } from '../api/types.ts';
import { type AdviceInput, adviceFor } from './advice.ts';

const engine = (patch: Partial<EngineState> = {}): EngineState =>
  ({
    container_id: 'e1',
    container_name: 'acestream-1',
    health_status: 'healthy',
    draining: false,
    outdated: null,
    ...patch,
  }) as EngineState;
const stream = (patch: Partial<StreamState> = {}): StreamState =>
  ({ id: 's1', key: 'a'.repeat(40), state: 'live', peers: 9, clients: 1, ...patch }) as StreamState;
const status = (
  patch: { available?: number; waiting?: number; breaker?: string; newer?: string[] } = {},
): OrchestratorStatus =>
  ({
    capacity: { total: 6, used: 1, available: patch.available ?? 5, waiting: patch.waiting ?? 0 },
    provisioning: { circuit_breaker_state: patch.breaker ?? null },
    newer_images: patch.newer ?? [],
    config: {},
  }) as OrchestratorStatus;

const titles = (input: Partial<AdviceInput>): string[] =>
  adviceFor({ status: status(), engines: [engine()], streams: [], ...input }).map(({ title }) => title);

describe('advice', () => {
  it('is silent when all is well', () => {
    expect(titles({ streams: [stream()] })).toEqual([]);
  });

  it('tells of a newer image, and of engines that are not what would be made now', () => {
    const outdated = { reason: 'image', message: 'It is of an older image.' } as const;
    expect(titles({ status: status({ newer: ['ace:1'] }) })).toEqual(['The registry has a newer ace:1']);
    expect(titles({ engines: [engine({ outdated }), engine()] })).toEqual(['acestream-1 is outdated']);
    expect(titles({ engines: [engine({ outdated }), engine({ outdated })] })).toEqual(['2 engines are outdated']);
  });

  it('says what to do when there is no engine', () => {
    expect(adviceFor({ status: status(), engines: [], streams: [] })[0]).toMatchObject({
      tone: 'bad',
      text: expect.stringContaining('ENGINE_URLS'),
    });
  });

  it('does not miss an engine where the server makes one when it is needed', () => {
    const docker = (min: number, breaker = 'closed'): OrchestratorStatus => {
      const { capacity, ...rest } = status({ breaker });
      return { ...rest, capacity: { ...capacity, min_replicas: min }, config: { engines: 'docker' } };
    };
    expect(titles({ status: docker(0), engines: [] })).toEqual([]);
    expect(titles({ status: docker(1), engines: [] })).toEqual(['No engine is ready yet']);
    expect(titles({ status: docker(1, 'open'), engines: [] })).toEqual(['Starting engines failed too often']);
  });

  it('names the engine that does not answer and leads to it', () => {
    const [advice] = adviceFor({
      status: status(),
      engines: [engine({ health_status: 'unhealthy' })],
      streams: [],
    });
    expect(advice).toMatchObject({ title: 'Engine acestream-1 does not answer', href: '/engines/e1' });
  });

  it('tells a full pool from one that lets players wait', () => {
    expect(titles({ status: status({ available: 0 }) })).toEqual(['Every slot is taken']);
    expect(titles({ status: status({ available: 0, waiting: 2 }) })).toEqual(['2 channels wait for a free slot']);
  });

  it('says what can be done about an engine that does not answer, where it can be done', () => {
    const engines = [engine({ health_status: 'unhealthy' })];
    const textFor = (mode: string): string | undefined =>
      adviceFor({ status: { ...status(), config: { engines: mode } }, engines, streams: [] })[0]?.text;
    expect(textFor('docker')).toContain('See its log; restart it');
    expect(textFor('static')).not.toMatch(/log|restart/);
  });

  it('says how many viewers a failed engine keeps waiting', () => {
    const streams = [stream({ state: 'recovering', clients: 8 }), stream({ state: 'recovering', clients: 1 })];
    expect(adviceFor({ status: status(), engines: [engine()], streams })[0]?.text).toMatch(
      /^9 viewers still connected/,
    );
  });

  it('does not let test pictures pass for channels', () => {
    const demo = { ...status(), config: { engines: 'demo' } };
    expect(adviceFor({ status: demo, engines: [engine()], streams: [] })).toMatchObject([
      { tone: 'info', href: `/play/${'1'.repeat(40)}` },
    ]);
  });

  it('tells of an open breaker', () => {
    expect(titles({ status: status({ breaker: 'open' }) })).toEqual(['Starting engines failed too often']);
  });

  it('names one stream and counts several', () => {
    expect(titles({ streams: [stream({ state: 'recovering' })] })).toEqual(['aaaaaa…aaaaaa looks for another engine']);
    expect(titles({ streams: [stream({ peers: 0 }), stream({ peers: 0 })] })).toEqual(['2 streams have no peers']);
  });

  it('tells when nothing can be saved, and which saved setting cannot be used', () => {
    const health = {
      storage: { ok: false, message: 'The disk is full.' },
      settings_faults: ['PORT must be a number.'],
    } as AdviceInput['health'];
    expect(adviceFor({ status: status(), engines: [engine()], streams: [], health })).toMatchObject([
      { title: 'A saved setting cannot be used', text: 'PORT must be a number.' },
      { title: 'Settings and events cannot be saved', text: 'The disk is full. Streams go on.' },
    ]);
  });

  it('puts the worst first', () => {
    const advice = adviceFor({
      status: status({ waiting: 1 }),
      engines: [engine({ draining: true })],
      streams: [stream({ peers: 0 })],
    });
    expect(advice.map(({ tone }) => tone)).toEqual(['bad', 'warn', 'info']);
  });
});
