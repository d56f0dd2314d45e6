import { expect, it } from 'vitest';
import { serve } from './serve.ts';

interface History {
  readonly series: Readonly<Record<string, { readonly unit: string; readonly values: readonly unknown[] }>>;
}

it('the history has the series that are asked for, throughput being both directions', async () => {
  await using test = await serve();
  const namesOf = async (series: string): Promise<string[]> => {
    const { status, body } = await test.get<History>(`/metrics/history?window=60&series=${series}`);
    expect(status).toBe(200);
    return Object.keys(body.series);
  };
  expect(await namesOf('throughput,viewers')).toEqual(['throughput_in', 'throughput_out', 'viewers']);
  expect(await namesOf('throughput_in,%20throughput')).toEqual(['throughput_in', 'throughput_out']);
  expect(await namesOf('')).toContain('memory_bytes');
});

it('the history says which series there are to whoever asks for another', async () => {
  await using test = await serve();
  for (const name of ['speed', 'constructor']) {
    const { status, body } = await test.get(`/metrics/history?series=viewers,${name}`);
    expect(status).toBe(400);
    expect(body).toMatchObject({
      error: { code: 'bad_input', message: expect.stringMatching(new RegExp(`no ${name}; there are .*viewers`)) },
    });
  }
});
