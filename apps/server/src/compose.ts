import { EngineOrchestrator, type EngineRuntime, staticRuntime } from '@acestream-orchestrator/engine-orchestrator';
import { AceEngineClient, aceProbe } from '@acestream-orchestrator/engine-orchestrator/ace';
import { MpegTsProxy } from '@acestream-orchestrator/mpegts-proxy';
import { PerfMetrics } from '@acestream-orchestrator/perf-metrics';
import { ApiError } from './api-error.ts';
import { Containers, readCustomVariant } from './compose/containers.ts';
import { dockerEngines } from './compose/docker-engines.ts';
import { engineEvents } from './compose/engine-events.ts';
import { enginePool } from './compose/engine-pool.ts';
import { EngineSegments } from './compose/engine-segments.ts';
import { EngineSources } from './compose/engine-sources.ts';
import { HlsPlayback, partTargetMs } from './compose/hls-playback.ts';
import { Images } from './compose/images.ts';
import type { LeasedEngine } from './compose/leased-engine.ts';
import { loopSettings, proxySettings, scaleSettings } from './compose/library-settings.ts';
import { outsideMemory } from './compose/outside-memory.ts';
import { OutsideStreams } from './compose/outside-streams.ts';
import { Playback } from './compose/playback.ts';
import { toApiError } from './compose/playback-error.ts';
import { StreamEvents } from './compose/stream-events.ts';
import { StreamMoves } from './compose/stream-moves.ts';
import { StreamSegments } from './compose/stream-segments.ts';
import { timedProbe } from './compose/timed-probe.ts';
import { Vpn } from './compose/vpn.ts';
import { wishedNetwork } from './config/container-settings.ts';
import type { EngineAddress } from './config/setting-types.ts';
import { customVariantDocument, savedCustomVariant } from './custom-variant-config.ts';
import { Diagnosis } from './diagnosis/diagnosis.ts';
import { EventLog } from './events/event-log.ts';
import { Changes } from './live/changes.ts';
import { Pulls } from './live/pulls.ts';
import type { Log } from './log.ts';
import { type Operation, operations } from './operations.ts';
import type { Services } from './services.ts';
import type { Settings } from './settings/settings.ts';
import type { Storage } from './storage/storage.ts';
import { LoopDetector } from './streams/loop-detector.ts';
import { isLooping, LoopingStreams, loopingDocument } from './streams/looping-streams.ts';
import { P2pStats } from './streams/p2p-stats.ts';
import { StreamBook, type StreamRecord } from './streams/stream-book.ts';
import { StreamKeys } from './streams/stream-keys.ts';

export interface ComposeOptions {
  readonly settings: Settings;
  readonly log: Log;
  readonly version: string;
  /** Engines that run already; used unless `instance` is given. */
  readonly engines: readonly EngineAddress[];
  /** Engines are made in containers with this label. */
  readonly instance?: string | undefined;
  /** What makes engines instead. */
  readonly runtime?: EngineRuntime | undefined;
  readonly storage: Storage;
}

/** Builds the libraries, connects them and starts to probe the engines. */
export function compose(options: ComposeOptions): Services {
  const { settings, log, version, engines, instance, storage } = options;
  const { config } = settings;
  const metrics = new PerfMetrics<Operation>({ operations });
  const history = new EventLog({
    storage,
    retention: () => ({ maxRows: config.eventsMaxRows, maxAgeMs: config.eventsMaxAgeDays * 86_400_000 }),
  });
  const changes = new Changes();
  const diagnosis = new Diagnosis();
  const looping = new LoopingStreams({
    stored: storage.document(loopingDocument),
    keep: (list) =>
      // What cannot be kept holds until the next start all the same.
      void storage.saveDocuments({ [loopingDocument]: list }).catch(() => {}),
    retentionMs: () => config.loopRetentionMinutes * 60_000,
  });
  const keys = new StreamKeys();
  const streams = new StreamBook({ onForget: ({ id }) => p2p.forget(id) });
  const p2p = new P2pStats<StreamRecord>({
    id: ({ id }) => id,
    active: () => streams.active(),
    read: async ({ streamKey }, signal) => ({
      at: Date.now(),
      ...(await (outside.has(streamKey) ? outside : events).stat(streamKey, signal)),
    }),
    onRead(record, { livepos }) {
      if (!config.loopDetection || !isLooping(livepos?.liveLast, Date.now(), config.loopThresholdSeconds)) return;
      endLooping(record);
    },
  });
  const events: StreamEvents = new StreamEvents({
    book: streams,
    keys,
    metrics,
    log,
    record: (event) => history.record(event),
    changed: () => changes.tell(),
    onLive(streamKey) {
      const record = streams.running(streamKey);
      if (record !== undefined) p2p.refresh(record);
    },
    onEnd: (streamKey) => playback.forgetStream(streamKey),
    onClientEnd() {
      // The stream may linger from now on, and somebody may wait for its slot.
      queueMicrotask(() => orchestrator.capacity().waiting > 0 && proxy.reclaim());
    },
  });
  const pulls = new Pulls();
  const custom = readCustomVariant(savedCustomVariant(storage.document(customVariantDocument)));
  const docker =
    instance === undefined
      ? undefined
      : dockerEngines({
          config,
          instance,
          custom,
          pulls,
          log,
          onImage: (state) => images.report(state),
          onVpn: (network) => vpn.report(network),
        });
  const vpn = new Vpn({
    network: docker === undefined ? undefined : wishedNetwork(config),
    log,
    record: (event) => history.record(event),
    changed: () => changes.tell(),
  });
  const images: Images = new Images({
    runtime: docker,
    log,
    pulls,
    record: (event) => history.record(event),
    changed: () => changes.tell(),
  });
  const runtime = options.runtime ?? docker ?? staticRuntime(engines);
  const containers = new Containers({
    runtime: docker,
    config,
    storage,
    log,
    removeEngine: async (id) => orchestrator.engines().some((engine) => engine.id === id) && orchestrator.remove(id),
    reconfigured() {
      images.reconfigured();
      orchestrator.configure();
    },
  });
  const orchestrator = new EngineOrchestrator({
    runtime,
    probe: timedProbe(aceProbe(), metrics),
    ...scaleSettings(config),
    ...loopSettings(config),
    reclaim: () => proxy.reclaim() || hls.reclaim(),
    on: {
      ...engineEvents({ log, record: (event) => history.record(event), changed: () => changes.tell() }),
      statsCollected: ({ durationMs, ok }) => metrics.record('docker_stats_collection', durationMs, ok),
    },
  });
  const engineOf = (streamKey: string): string | undefined => proxy.stats(streamKey)?.source ?? hls.engineOf(streamKey);
  const moves: StreamMoves = new StreamMoves({
    engineOf,
    begin(streamKey) {
      if (proxy.has(streamKey)) return proxy.move(streamKey);
      void hls.move(streamKey).then(() => moves.settle(streamKey));
      return true;
    },
  });
  const leased = new Set<LeasedEngine>();
  const sources = new EngineSources({
    orchestrator,
    leased,
    keys,
    events,
    metrics,
    log,
    diagnosis,
    looping,
    contentOf: (streamKey) => playback.contentOf(streamKey),
    leave(streamKey) {
      // One that only lingers has nobody to keep.
      if (proxy.stats(streamKey)?.lingering) void proxy.stop(streamKey);
      else proxy.move(streamKey);
    },
    targetOf: (streamKey) => moves.targetOf(streamKey),
    limits: {
      // A little less than a player waits, so that it hears what went wrong and not just that time is up.
      startTimeoutMs: () => Math.floor(config.startTimeoutMs * 0.95),
      stopTimeoutMs: () => config.stopTimeoutMs,
    },
  });
  const proxy: MpegTsProxy = new MpegTsProxy({
    open: sources.open,
    on: {
      ...events.hooks,
      spliced(event) {
        events.hooks.spliced?.(event);
        moves.settle(event.key);
      },
      sessionEnd(event) {
        events.hooks.sessionEnd?.(event);
        moves.settle(event.key);
      },
    },
    outsideBytes: outsideMemory(() => hls.stats().memory.usedBytes),
    ...proxySettings(config),
  });
  settings.onChange((changed) => {
    log.level = config.logLevel;
    log.info({ changed }, 'settings changed');
    proxy.configure(proxySettings(config));
    containers.settingsChanged(changed);
    loopDetector.update();
    orchestrator.configure(scaleSettings(config));
    history.record({
      type: 'system',
      category: 'settings_changed',
      message: `Settings were changed: ${changed.join(', ')}.`,
      details: { changed },
    });
    changes.tell();
  });
  const playback: Playback = new Playback({ proxy, keys, book: streams, diagnosis, looping });
  const targetDurationMs = config.hlsTargetDurationSeconds * 1000;
  const hls: HlsPlayback = new HlsPlayback({
    config,
    metrics,
    log,
    supply:
      config.hlsSource === 'engine'
        ? new EngineSegments({
            orchestrator,
            leased,
            keys,
            events,
            metrics,
            log,
            config,
            looping,
            diagnosis,
            keyOf: (ref) => playback.keyOf(ref),
            leave: (streamKey) => void hls.leave(streamKey),
            targetOf: (streamKey) => moves.targetOf(streamKey),
          })
        : new StreamSegments({ proxy, playback, targetDurationMs, partTargetMs }),
    // A stream that it is cut from lingers itself.
    lingerMs: config.hlsSource === 'engine' ? config.lingerMs : 0,
    // Not at once: who has waited for a playlist becomes a viewer in this turn, and keeps what it waited for.
    onLinger: () => void setImmediate(() => orchestrator.capacity().waiting > 0 && hls.reclaim()),
    // Of the one budget; rings make do with what is left.
    memoryBytes: Math.max(proxy.settings.limits.memoryBytes / 2, 2 ** 20),
  });
  const outside: OutsideStreams = new OutsideStreams({
    orchestrator,
    book: streams,
    metrics,
    record: (event) => history.record(event),
    changed: () => changes.tell(),
  });
  const stop = async (streamKey: string): Promise<boolean> => {
    if (outside.has(streamKey)) return outside.stop(streamKey);
    // Viewers first: they would ask for the stream again.
    const viewers = await hls.stop(streamKey);
    return (await proxy.stop(streamKey)) || viewers;
  };
  const endLooping = ({ id, streamKey, content, session, engine }: StreamRecord): void => {
    if (!looping.add(content.value, session.infohash || content.value)) return;
    log.warn({ stream: streamKey }, 'stream repeats an old broadcast');
    history.record({
      type: 'stream',
      category: 'looping',
      message: `Stream ${content.value} repeats an old broadcast: it is ended, and refused from now on.`,
      containerId: engine.id,
      streamId: id,
    });
    stop(streamKey).catch((error: unknown) => log.warn({ err: error }, 'a looping stream could not be stopped'));
  };
  const loopDetector = new LoopDetector({
    rules: () => ({ enabled: config.loopDetection, checkIntervalMs: config.loopCheckSeconds * 1_000 }),
    check: () => p2p.watch(0),
  });
  let closing = false;
  const started = orchestrator.start().catch((error: unknown) => {
    if (!closing) log.error({ err: error }, 'engines could not be listed');
  });
  history.record({ type: 'system', category: 'started', message: `Release ${version} started.`, details: { version } });
  return {
    started,
    config,
    settings,
    version,
    metrics,
    storage,
    events: history,
    changes,
    pulls,
    containers,
    images,
    vpn,
    playback,
    hls,
    diagnosis,
    looping,
    outside,
    streams,
    p2p,
    async describe({ engine, content }) {
      const known = orchestrator.engines().find(({ id }) => id === engine.id);
      if (known === undefined) throw new ApiError(404, 'engine_not_found', `There is no engine ${engine.id}.`);
      return new AceEngineClient(known).describe(content).catch((error: unknown) => Promise.reject(toApiError(error)));
    },
    engines: enginePool(orchestrator, runtime.canProvision, log),
    sessions: {
      all: () => proxy.stats(),
      of: (streamKey) => proxy.stats(streamKey),
      engineOf,
      stop,
      move: (streamKey, engineId) => moves.move(streamKey, engineId),
    },
    isClosing: () => closing,
    async close() {
      closing = true;
      p2p.close();
      await hls.close();
      loopDetector.close();
      outside.close();
      await proxy.close();
      await sources.settled();
      await orchestrator.close({ engines: config.enginesOnExit });
      await docker?.close();
      history.record({ type: 'system', category: 'stopped', message: 'The server was stopped.' });
      await history.close();
      await storage.close();
    },
  };
}
