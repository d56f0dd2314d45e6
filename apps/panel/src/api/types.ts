import type { components, paths } from './schema.d.ts';

export type EngineState = components['schemas']['EngineState'];
export type StreamState = components['schemas']['StreamState'];
export type StreamSnapshot = components['schemas']['StreamSnapshot'];
export type OrchestratorStatus = Answer<'/api/v1/orchestrator/status'>;
export type PerformanceReport = Answer<'/api/v1/metrics/performance'>;
export type StreamClient = Answer<'/api/v1/proxy/streams/{key}/clients'>['clients'][number];

/** The JSON of a path's 200. */
type Answer<Path extends keyof paths> = paths[Path] extends {
  readonly get: {
    readonly responses: { readonly 200: { readonly content: { readonly 'application/json': infer Body } } };
  };
}
  ? Body
  : never;

export interface EventEntry {
  readonly id: number;
  readonly timestamp: string;
  readonly event_type: string;
  readonly category: string;
  readonly message: string;
  readonly details: unknown;
  readonly container_id: string | null;
  readonly stream_id: string | null;
}

export interface Pull {
  readonly image: string;
  readonly status: string;
}
