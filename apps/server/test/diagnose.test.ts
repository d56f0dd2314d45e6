import { describe, expect, it } from 'vitest';
import { eventually } from './eventually.ts';
import { Player } from './player.ts';
import { channel, serve } from './serve.ts';

const url = (origin: string, digit = 1): string => `${origin}/ace/getstream?id=${channel(digit)}`;
type Step = Record<string, unknown>;
interface Diagnosis {
  readonly playing: boolean;
  readonly advice: string | null;
  readonly tries: readonly (Record<string, unknown> & { readonly timeline: readonly Step[] })[];
}

describe('the diagnosis of a content', () => {
  it('shows every engine that was tried, how far each came, and what to do; the error’s request id finds it', async () => {
    await using test = await serve({ engines: 2, config: { startTimeoutMs: 4_000, statusHoldMs: 20_000 } });
    for (const engine of test.engines) engine.faults.set('start-error', { message: 'missing option' });
    using player = new Player(url(test.origin));
    const { error } = (await player.json()) as { error: Record<string, string> };
    const { body } = await test.get<Diagnosis>(`/diagnose?id=${channel(1)}`);
    expect(body).toMatchObject({ playing: false, advice: expect.stringContaining('engine says no') });
    const [newest] = body.tries;
    expect(newest).toMatchObject({
      key: channel(1),
      kind: 'start',
      outcome: 'failed',
      code: error['code'],
      request_ids: [error['request_id']],
    });
    const engines = test.engines.map(({ port }) => `127.0.0.1:${port}`);
    expect(newest!.timeline.map(({ stage, ok }) => [stage, ok])).toEqual([
      ['lease', true],
      ['load', false],
      ['lease', true],
      ['load', false],
      ['lease', false],
    ]);
    expect(newest!.timeline.slice(0, 4).map(({ container_id }) => container_id)).toEqual(
      expect.arrayContaining(engines),
    );
    expect((await test.get<Diagnosis>(`/diagnose?request_id=${error['request_id']}`)).body.tries).toEqual([newest]);
  });

  it('tells a channel without peers from a slow one', async () => {
    await using test = await serve({
      config: { startTimeoutMs: 2_000, firstByteTimeoutMs: 6_000, statusHoldMs: 20_000 },
    });
    test.engines[0]!.faults.set('playback-hangs');
    test.engines[0]!.faults.set('no-peers', { cachedMs: 0 });
    using player = new Player(url(test.origin));
    expect(await player.status()).toBe(504);
    const { body } = await test.get<Diagnosis>(`/diagnose?id=${channel(1)}`);
    expect(body.tries[0]).toMatchObject({ outcome: 'failed', code: 'no_data', peers: 0 });
    expect(body.advice).toContain('found nobody who sends it');
  });

  it('has those that play, with their keyframe, under id and infohash', async () => {
    await using test = await serve();
    using player = new Player(url(test.origin));
    await player.more();
    const { body: streams } = await test.get<Record<string, string>[]>('/streams');
    const byId = await eventually(async () => {
      const { body } = await test.get<Diagnosis>(`/diagnose?id=acestream://${channel(1)}`);
      return body.tries[0]?.timeline.at(-1)?.['stage'] === 'keyframe' && body;
    });
    expect(byId).toMatchObject({ playing: true, advice: null, tries: [{ outcome: 'played', request_ids: [] }] });
    expect(byId.tries[0]!.timeline.map(({ stage }) => stage)).toEqual(['lease', 'load', 'first_byte', 'keyframe']);
    expect((await test.get<Diagnosis>(`/diagnose?infohash=${streams[0]!['infohash']}`)).body).toEqual(byId);
  });

  it('of what nobody asked for is 404, and a broken id 400', async () => {
    await using test = await serve();
    expect((await test.get(`/diagnose?id=${channel(9)}`)).body).toMatchObject({ error: { code: 'nothing_tried' } });
    expect((await test.get('/diagnose?id=x')).body).toMatchObject({ error: { code: 'bad_content' } });
    expect((await test.get('/diagnose')).status).toBe(400);
  });
});
