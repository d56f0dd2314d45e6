import type { SessionStats } from '@acestream-orchestrator/mpegts-proxy';
import { Gauge, type Registry } from 'prom-client';
import type { Services } from '../services.ts';

/** How well each running stream is, by its key. What a stream counts starts anew with it. */
export function addStreamHealthMetrics(registry: Registry, { sessions }: Pick<Services, 'sessions'>): void {
  const gauge = (name: string, help: string, read: (session: SessionStats) => number): Gauge =>
    new Gauge({
      name: `orch_stream_${name}`,
      help,
      labelNames: ['stream'],
      registers: [registry],
      collect() {
        this.reset();
        for (const session of sessions.all().sessions) this.set({ stream: session.key }, read(session));
      },
    });
  gauge('clients', 'Players of the stream.', ({ clients }) => clients.length);
  gauge('bits_per_second', "Media rate by the stream's own clock.", ({ bitsPerSecond }) => bitsPerSecond);
  gauge('buffered_bytes', 'Newest bytes that are kept of the stream.', ({ ring }) => ring.bytes);
  gauge('continuity_errors', 'Packets lost or repeated in the stream.', ({ health }) => health.continuityErrors);
  gauge('transport_errors', 'Packets that came marked as damaged.', ({ health }) => health.transportErrors);
  gauge('scrambled_packets', 'Packets that came scrambled.', ({ health }) => health.scrambledPackets);
  gauge('pat_interval_seconds', 'Largest distance of two PATs lately.', ({ health }) => health.patIntervalMs / 1000);
  gauge('pmt_interval_seconds', 'Largest distance of two PMTs lately.', ({ health }) => health.pmtIntervalMs / 1000);
  gauge('pcr_interval_seconds', 'Largest distance of two PCRs lately.', ({ health }) => health.pcrIntervalMs / 1000);
  gauge(
    'pcr_jitter_seconds',
    'Unevenness of arrival against the PCR, smoothed.',
    ({ health }) => health.arrivalJitterMs / 1000,
  );
  gauge(
    'keyframe_interval_seconds',
    'Distance of the newest two keyframes.',
    ({ health }) => health.keyframeIntervalMs / 1000,
  );
  gauge('frozen_hint', '1 when the picture may be frozen.', ({ health }) => Number(health.frozenHint));
  gauge('loop_hint', '1 when the same keyframes come again and again.', ({ health }) => Number(health.loopHint));
}
