import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import type { HistoryAnswer } from '../metrics/history.ts';
import { type ServerSeries, type serverHistory, serverSeries } from '../metrics/server-history.ts';
import type { Services } from '../services.ts';
import { wholeNumber } from './parameter-types.ts';
import type { Routes } from './server.ts';

const daySeconds = 86_400;
const allNames = Object.keys(serverSeries) as ServerSeries[];

/** Names that stand for several series. */
const groups: ReadonlyMap<string, readonly ServerSeries[]> = new Map([
  ['throughput', ['throughput_in', 'throughput_out']],
]);

const answerSchema = z
  .object({
    step_seconds: z.number(),
    timestamps: z.array(z.iso.datetime()).describe('The end of each step, oldest first'),
    series: z.record(z.string(), z.object({ unit: z.string(), values: z.array(z.number().nullable()) })),
  })
  .meta({ id: 'MetricsHistory' });

const streamUnits: Readonly<Record<string, string>> = { bitrate: 'bits/s', peers: '1', clients: '1' };

type HistoryServices = Pick<Services, 'engines' | 'streams' | 'sessions' | 'p2p'>;

/** `/metrics/history`: what was measured over the last day, every ten seconds. */
export function metricsHistoryRoutes(
  history: ReturnType<typeof serverHistory>,
  { streams }: Pick<HistoryServices, 'streams'>,
): Routes {
  return (app, _options, done) => {
    app.get(
      '/metrics/history',
      {
        schema: {
          operationId: 'getHistory',
          summary: 'Figures of the last 24 hours, at most 720 points each',
          description: `Series: ${allNames.join(', ')}; of one stream: bitrate, peers, clients, for its last hour. Kept in memory.`,
          tags: ['status'],
          querystring: z.object({
            series: z
              .string()
              .max(500)
              .optional()
              .describe('Names, separated by commas; throughput means both directions; default all'),
            window: wholeNumber(1, daySeconds).prefault(3_600).describe('The last so many seconds'),
            stream: z.string().max(5_000).optional().describe('Of this stream instead'),
          }),
          response: { 200: answerSchema },
        },
        config: { area: 'metrics', errors: { 404: ['stream_not_found'] } },
      },
      async (request) => {
        const { series, window, stream } = request.query;
        if (stream === undefined) {
          return shown(
            history.read(namesOf(series), window * 1_000),
            (name) => serverSeries[name as ServerSeries].unit,
          );
        }
        const record = streams.find(stream);
        if (record === undefined || record.endedAt !== undefined)
          throw new ApiError(404, 'stream_not_found', `There is no stream ${stream} that runs.`);
        return shown(history.readStream(record.id, window * 1_000), (name) => streamUnits[name] ?? '1');
      },
    );
    done();
  };
}

function namesOf(series: string | undefined): readonly ServerSeries[] {
  if (series === undefined || series.trim() === '') return allNames;
  const wanted = series.split(',').flatMap((name): readonly string[] => groups.get(name.trim()) ?? [name.trim()]);
  const unknown = wanted.filter((name) => !(allNames as readonly string[]).includes(name));
  if (unknown.length === 0) return [...new Set(wanted)] as ServerSeries[];
  throw new ApiError(400, 'bad_input', `series: there is no ${unknown.join(', ')}; there are ${allNames.join(', ')}.`);
}

function shown({ stepMs, at, values }: HistoryAnswer, unit: (name: string) => string): z.infer<typeof answerSchema> {
  return {
    step_seconds: stepMs / 1_000,
    timestamps: at.map((time) => new Date(time).toISOString()),
    series: Object.fromEntries(
      Object.entries(values).map(([name, list]) => [name, { unit: unit(name), values: [...list] }]),
    ),
  };
}
