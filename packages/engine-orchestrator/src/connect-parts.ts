import { EngineRoster } from './engine-roster.ts';
import { HealthMonitor } from './health/health-monitor.ts';
import { tell } from './hooks.ts';
import { LeaseLedger } from './leases/lease-ledger.ts';
import { LeaseQueue } from './leases/lease-queue.ts';
import { Prospects } from './leases/prospects.ts';
import { EnginePool } from './pool/engine-pool.ts';
import { Arrivals } from './reconcile/arrivals.ts';
import { Departures } from './reconcile/departures.ts';
import { EngineRequests } from './reconcile/engine-requests.ts';
import { ProvisioningGate } from './reconcile/provisioning-gate.ts';
import { ProvisioningReport } from './reconcile/provisioning-report.ts';
import { Reconciler } from './reconcile/reconciler.ts';
import { Reprovision } from './reconcile/reprovision.ts';
import { RuntimeOutage } from './reconcile/runtime-outage.ts';
import { ScaleTarget } from './reconcile/scale-target.ts';
import type { ScaleSettings } from './scale-settings.ts';
import type { OrchestratorSettings } from './settings.ts';
import { StatsCollector } from './stats/stats-collector.ts';

/** The parts of an orchestrator that it is used through. */
export interface Parts {
  readonly pool: EnginePool;
  readonly health: HealthMonitor;
  readonly roster: EngineRoster;
  readonly ledger: LeaseLedger;
  readonly queue: LeaseQueue;
  readonly gate: ProvisioningGate;
  readonly target: ScaleTarget;
  readonly arrivals: Arrivals;
  readonly departures: Departures;
  readonly loop: Reconciler;
  readonly report: ProvisioningReport;
  readonly requests: EngineRequests;
  readonly stats: StatsCollector;
}

/**
 * Builds the parts of an orchestrator and connects them. What the runtime lists and what probes find goes down into the
 * pool; leases and the loop read the pool; nothing but "look again" goes back up.
 */
export function connectParts(
  settings: OrchestratorSettings,
  scale: () => ScaleSettings,
  onFirstListed: () => void,
): Parts {
  const { clock, on: hooks, runtime } = settings;
  const shared = { ...settings, hooks, pool: new EnginePool(), settings: scale };
  const { pool } = shared;
  const refresh = (): Promise<void> => roster.refresh();
  const wake = (): void => loop.wake();

  const health: HealthMonitor = new HealthMonitor({
    ...shared,
    isWanted: (engineId) => queue.waiting > 0 || arrivals.isExpected(engineId),
    onChange: (record) => {
      const isHealthy = record.health.health === 'healthy';
      if (isHealthy) arrivals.answered(record);
      else ledger.engineDied(record);
      wake();
      if (isHealthy) queue.serve();
    },
  });
  const roster: EngineRoster = new EngineRoster({
    ...shared,
    health,
    isAwaited: () => queue.waiting > 0,
    onLost: (record) => {
      const { id, name } = record.engine;
      ledger.engineLost(record);
      tell(hooks, 'engineLost', { engine: record.engine });
      departures.ended(id);
      // Removing or restarting it ends its process, too.
      if (departures.jobOf(id) === undefined)
        arrivals.failed(id, new Error(`The engine ${name} ended before it was ready`));
    },
    onListed: (isFirst) => {
      if (isFirst) onFirstListed();
      loop.listed();
      queue.review();
    },
    onNetwork: () => {
      gate.retrySoon();
      wake();
    },
    onUnlisted: (error) => {
      outage.failed(error);
      queue.review();
    },
  });

  const ledger = new LeaseLedger({
    ...shared,
    maxLeasesPerEngine: () => scale().maxLeasesPerEngine,
    engines: () => pool.records(),
    onFreed: () => {
      queue.serve();
      wake();
    },
  });
  const prospects: Prospects = new Prospects({
    ...shared,
    ledger,
    wasListed: () => roster.wasListed,
    isGrowing: () => arrivals.isGrowing,
    blocked: () => report.blocked(),
    nextProbeInMs: (engineId) => health.nextProbeInMs(engineId),
  });
  const queue: LeaseQueue = new LeaseQueue({
    ...shared,
    ledger,
    onWait: () => {
      health.hasten();
      wake();
    },
    onSettled: () => {
      roster.hurry();
      wake();
    },
    isHopeless: (request) => prospects.isHopeless(request),
    refuse: (request) => prospects.refusal(request),
  });

  const outage = new RuntimeOutage(shared);
  const target = new ScaleTarget(shared);
  const reprovision = new Reprovision(shared);
  const gate = new ProvisioningGate({
    clock,
    limits: settings,
    onBreaker: (breaker, from, to, lastFailure) => {
      tell(hooks, 'breakerChange', { breaker, from, to, lastFailure });
      wake();
    },
  });
  const arrivals = new Arrivals({
    ...shared,
    gate,
    refresh,
    onMade: () => reprovision.made(),
    onReady: (startupMs) => prospects.learn(startupMs),
    onChange: wake,
  });
  const departures = new Departures({
    ...shared,
    refresh,
    evict: (record) => ledger.evict(record),
    lapse: (record) => ledger.lapse(record),
    onChange: wake,
  });
  const loop: Reconciler = new Reconciler({
    ...shared,
    limits: settings,
    gate,
    arrivals,
    departures,
    target,
    reprovision,
    outage,
    waiting: () => queue.unserved,
    onChange: () => queue.review(),
  });
  const report = new ProvisioningReport({ ...shared, gate, arrivals, outage, loop });
  const requests = new EngineRequests({
    ...shared,
    gate,
    arrivals,
    departures,
    target,
    reprovision,
    report,
    loop,
  });
  const stats = new StatsCollector({
    clock,
    runtime,
    engineIds: () => [...pool.records()].filter(({ running }) => running).map(({ engine }) => engine.id),
    onCollected: (event) => tell(hooks, 'statsCollected', event),
  });
  return { pool, health, roster, ledger, queue, gate, target, arrivals, departures, loop, report, requests, stats };
}
