import { useQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { api, body } from '../../api/client.ts';
import type { MetricsHistory, StreamSnapshot, StreamState } from '../../api/types.ts';
import type { Point } from '../../charts/path.ts';
import { TimeChart, type TimeChartProps } from '../../charts/time-chart.tsx';
import { formatBitrate } from '../../format/amount.ts';
import { formatCount } from '../../format/number.ts';
import { formatDuration } from '../../format/time.ts';
import type { StreamSample } from '../../live/stream-samples.ts';
import { useStreamSamples } from '../../live/use-live.ts';
import { behindLiveMs } from '../../model/livepos.ts';
import { mediaRate } from '../../model/media-rate.ts';
import { Card } from '../../ui/card.tsx';

/** What a chart shows of a stream at one time, from the server's memory or from the live feed. */
type Moment = Pick<StreamState, 'peers' | 'speed_down' | 'speed_up' | 'livepos'> & { readonly at: number };

/** What the engine says about the swarm, and what the bytes say about the stream, over time. */
export function StreamCharts({ stream }: { readonly stream: StreamState }) {
  const runs = stream.status === 'started';
  const samples = useStreamSamples(stream.id);
  const { data: history } = useQuery({
    queryKey: ['stream-stats', stream.id],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/streams/{id}/stats', { params: { path: { id: stream.id } }, signal })),
    staleTime: Number.POSITIVE_INFINITY,
  });
  const { data: before } = useQuery({
    queryKey: ['stream-history', stream.id],
    queryFn: ({ signal }) =>
      body(api.GET('/api/v1/metrics/history', { params: { query: { stream: stream.id } }, signal })),
    // One that has ended is not measured any more.
    enabled: runs,
    staleTime: Number.POSITIVE_INFINITY,
    retry: false,
  });
  const moments = useMemo(() => joinMoments(history ?? [], samples), [history, samples]);
  const line = (figureOf: (moment: Moment) => number | null | undefined): Point[] =>
    moments.map((moment) => ({ at: moment.at, value: figureOf(moment) ?? null }));
  const sampled = (figureOf: (stream: StreamState) => number | null | undefined, remembered?: string): Point[] => [
    ...rememberedPoints(remembered === undefined ? undefined : before, remembered, samples[0]?.at),
    ...samples.map(({ at, stream: sample }) => ({ at, value: figureOf(sample) ?? null })),
  ];
  const swarm: readonly ChartOf[] = [
    {
      label: 'Swarm',
      format: formatBitrate,
      series: [
        { name: 'Down', points: line(({ speed_down }) => bits(speed_down)) },
        { name: 'Up', points: line(({ speed_up }) => bits(speed_up)) },
      ],
    },
    { ...counted('Peers'), series: [{ name: 'Peers', points: line(({ peers }) => peers) }] },
    {
      label: 'Engine behind live',
      format: formatDuration,
      kind: 'duration',
      atLeast: 5_000,
      series: [{ name: 'Engine behind live', points: line(({ livepos }) => behindLiveMs(livepos)) }],
    },
  ];
  const bytes: readonly ChartOf[] = [
    { label: 'Bitrate', format: formatBitrate, series: [{ name: 'Bitrate', points: sampled(mediaRate, 'bitrate') }] },
    {
      label: 'PCR jitter',
      format: formatDuration,
      kind: 'duration',
      atLeast: 50,
      series: [{ name: 'PCR jitter', points: sampled(({ health }) => health?.pcr_jitter_ms) }],
    },
    {
      ...counted('Continuity errors'),
      series: [{ name: 'Continuity errors', points: sampled(({ health }) => health?.continuity_errors) }],
    },
    { ...counted('Recoveries'), series: [{ name: 'Recoveries', points: sampled(({ recoveries }) => recoveries) }] },
    { ...counted('Viewers'), series: [{ name: 'Viewers', points: sampled(({ clients }) => clients, 'clients') }] },
  ];
  // Of one that has ended the server remembers what its engine said, and nothing more comes.
  const charts = runs ? [...swarm, ...bytes] : swarm.filter(hasLine);
  if (charts.length === 0) return null;
  return (
    <Card title="Over time" className="min-w-0">
      <div className="grid items-end gap-x-6 gap-y-5 md:grid-cols-2">
        {charts.map((chart) => (
          <TimeChart key={chart.label} titled height={150} {...chart} />
        ))}
      </div>
    </Card>
  );
}

type ChartOf = Pick<TimeChartProps, 'label' | 'format' | 'kind' | 'atLeast' | 'series'>;

function counted(label: string): Omit<ChartOf, 'series'> {
  return { label, format: formatCount, kind: 'count', atLeast: 4 };
}

function hasLine({ series }: ChartOf): boolean {
  return series.some(({ points }) => points.filter(({ value }) => value !== null).length > 1);
}

/** What the server measured of a stream before the page itself began to look. */
function rememberedPoints(
  history: MetricsHistory | undefined,
  name: string | undefined,
  until: number = Number.POSITIVE_INFINITY,
): Point[] {
  const values = history?.series[name ?? '']?.values ?? [];
  return (history?.timestamps ?? [])
    .map((time, index) => ({ at: Date.parse(time), value: values[index] ?? null }))
    .filter(({ at }) => at < until);
}

function bits(kilobytesPerSecond: number | null): number | null {
  return kilobytesPerSecond === null ? null : kilobytesPerSecond * 8_192;
}

/** The server's memory up to where the page itself began to look. */
function joinMoments(history: readonly StreamSnapshot[], samples: readonly StreamSample[]): Moment[] {
  const seenFrom = samples[0]?.at ?? Number.POSITIVE_INFINITY;
  return [
    ...history.map((snapshot) => ({ ...snapshot, at: Date.parse(snapshot.ts) })).filter(({ at }) => at < seenFrom),
    ...samples.map(({ at, stream }) => ({ ...stream, at })),
  ];
}
