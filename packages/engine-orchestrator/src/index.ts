export type { Capacity } from './capacity.ts';
export type { Engine, EngineHealth, EngineState } from './engine.ts';
export type { Observation } from './health/health-monitor.ts';
export type { BreakerName, DrainReason, OrchestratorHooks } from './hooks.ts';
export type { AcquireOptions, Lease, LeaseOutcome } from './leases/lease.ts';
export type { Reclaim } from './leases/lease-queue.ts';
export { EngineOrchestrator } from './orchestrator.ts';
export { OrchestratorError, type OrchestratorErrorCode } from './orchestrator-error.ts';
export type { Probe, ProbeResult } from './probe.ts';
export type { BreakerState, BreakerStatus } from './reconcile/circuit-breaker.ts';
export type { RemoveReason } from './reconcile/plan.ts';
export type {
  ProvisioningBlock,
  ProvisioningCode,
  ProvisioningJob,
  ProvisioningStatus,
  Purpose,
  ReprovisionStatus,
} from './reconcile/provisioning.ts';
export type {
  EngineRequest,
  EngineRuntime,
  RuntimeEngine,
  RuntimeEvent,
  RuntimeFailure,
  RuntimeLogLine,
  RuntimeProgress,
  RuntimeStats,
} from './runtime/engine-runtime.ts';
export type { Outdated } from './runtime/outdated.ts';
export { parseEngineUrl } from './runtime/parse-engine-url.ts';
export { type StaticEngine, staticRuntime } from './runtime/static-runtime.ts';
export type { ScaleSettings } from './scale-settings.ts';
export type { OrchestratorOptions } from './settings.ts';
export type { EngineStats } from './stats/stats-collector.ts';
export { type Clock, systemClock } from './time/clock.ts';
