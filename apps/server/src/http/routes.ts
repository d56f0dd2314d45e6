import type { FastifyInstance } from 'fastify';
import type { PlaybackTokens } from '../auth/playback-tokens.ts';
import { createRegistry } from '../metrics/registry.ts';
import { serverHistory } from '../metrics/server-history.ts';
import { TrafficMetrics } from '../metrics/traffic-metrics.ts';
import { findPanel } from '../panel-folder.ts';
import type { Services } from '../services.ts';
import { aceStatusRoutes } from './ace-status.ts';
import { batchStopRoutes } from './batch-stop.ts';
import { circuitBreakerRoutes } from './circuit-breakers.ts';
import { containerRoutes } from './containers.ts';
import { customVariantRoutes } from './custom-variant.ts';
import { diagnoseRoutes } from './diagnose.ts';
import { engineActionRoutes } from './engine-actions.ts';
import { engineStatsRoutes } from './engine-stats.ts';
import { engineRoutes } from './engines.ts';
import { eventRoutes } from './events.ts';
import { healthRoutes } from './health.ts';
import { healthStatusRoutes } from './health-status.ts';
import { hlsRoutes } from './hls.ts';
import { imageRoutes } from './images.ts';
import { Live, liveRoutes } from './live.ts';
import { loopingStreamRoutes } from './looping-streams.ts';
import { metricsRoutes } from './metrics.ts';
import { metricsHistoryRoutes } from './metrics-history.ts';
import { modifyM3uRoutes } from './modify-m3u.ts';
import { orchestratorStatusRoutes } from './orchestrator-status.ts';
import { outsideEventRoutes } from './outside-events.ts';
import { panelRoutes } from './panel.ts';
import { playbackRoutes } from './playback.ts';
import { provisionRoutes } from './provision.ts';
import { referenceRoutes } from './reference.ts';
import { reprovisionRoutes } from './reprovision.ts';
import { scalingRoutes } from './scaling.ts';
import { settingsRoutes } from './settings.ts';
import { settingsTransferRoutes } from './settings-transfer.ts';
import { streamClientRoutes } from './stream-clients.ts';
import { streamDetailRoutes } from './stream-details.ts';
import { streamRoutes } from './streams.ts';
import { tokenRoutes } from './tokens.ts';
import { versionRoutes } from './version.ts';

/** Where the management routes are; those at the root are aliases for clients of the 1.5 release. */
const managementPrefixes = ['/api/v1', ''] as const;

/** Adds every route. The guard must be installed before. */
export function addRoutes(app: FastifyInstance, services: Services & { readonly tokens: PlaybackTokens }): void {
  const registry = createRegistry(services);
  const traffic = new TrafficMetrics(registry);
  app.addHook('onResponse', async (request, reply) => {
    const { url = 'unknown', config } = request.routeOptions;
    const plays = config.area === 'playback' || config.area === 'viewer';
    traffic.answered(request.method, url, reply.statusCode, plays ? undefined : reply.elapsedTime);
  });
  app.register(playbackRoutes({ playback: services.playback, limits: services.config, traffic }));
  app.register(aceStatusRoutes(services));
  const live = new Live(services);
  app.addHook('onClose', async () => live.close());
  app.register(panelRoutes({ basePath: services.config.basePath, folder: findPanel }));
  app.register(hlsRoutes({ playback: services.playback, hls: services.hls, traffic }));
  const history = serverHistory(services);
  app.addHook('onClose', async () => history.close());
  const management = [
    engineRoutes(services),
    engineStatsRoutes(services),
    engineActionRoutes(services),
    scalingRoutes(services),
    reprovisionRoutes(services),
    circuitBreakerRoutes(services),
    streamRoutes(services),
    batchStopRoutes(services),
    streamClientRoutes(services),
    healthRoutes(services),
    versionRoutes(services),
    metricsRoutes({ metrics: services.metrics, registry }),
    orchestratorStatusRoutes(services),
    containerRoutes(services),
    imageRoutes(services),
    provisionRoutes(services),
    customVariantRoutes(services),
    eventRoutes(services),
    liveRoutes(live),
    modifyM3uRoutes(services.config),
    tokenRoutes(services),
    settingsRoutes(services),
    settingsTransferRoutes(services),
    healthStatusRoutes(services),
    diagnoseRoutes(services),
    loopingStreamRoutes(services),
    outsideEventRoutes(services),
    streamDetailRoutes(services),
    metricsHistoryRoutes(history, services),
    referenceRoutes(),
  ];
  for (const prefix of managementPrefixes) {
    for (const routes of management) app.register(routes, { prefix });
  }
}
