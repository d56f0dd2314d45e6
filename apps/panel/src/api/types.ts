import type { components, paths } from './schema.d.ts';

export type EngineState = components['schemas']['EngineState'];
export type StreamState = components['schemas']['StreamState'];
export type StreamSnapshot = components['schemas']['StreamSnapshot'];
export type EventEntry = components['schemas']['Event'];
export type SettingDescription = components['schemas']['SettingDescription'];
export type PlaybackToken = components['schemas']['PlaybackToken'];
/** What a container uses, as `docker stats` shows it. */
export type ContainerStats = components['schemas']['EngineStats'];
export type PlaybackTry = components['schemas']['PlaybackTry'];
export type Image = components['schemas']['Image'];
export type MetricsHistory = components['schemas']['MetricsHistory'];
export type Reprovision = components['schemas']['Reprovision'];
export type CustomVariant = Answer<'/api/v1/custom-variant/config'>;
export type HealthStatus = components['schemas']['HealthStatus'];
export type OrchestratorStatus = Answer<'/api/v1/orchestrator/status'>;
export type PerformanceReport = Answer<'/api/v1/metrics/performance'>;
/** What one timed operation did in a time. */
export type OperationFigures = PerformanceReport['operations'][string];
export type StreamClient = Answer<'/api/v1/proxy/streams/{key}/clients'>['clients'][number];

/** The JSON of a path's 200. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  readonly get: {
    readonly responses: { readonly 200: { readonly content: { readonly 'application/json': infer Body } } };
  };
}
  ? Body
  : never;

/** A message of the live feed, which the document does not describe further. */
export interface Pull {
  readonly image: string;
  readonly status: NonNullable<Image['pull']>['status'];
  readonly layers: number;
  readonly layers_done: number;
  readonly bytes: number;
  /** As far as it is known yet. */
  readonly total_bytes: number;
  readonly started_at: string;
  readonly done: boolean;
  readonly error: string | null;
}
