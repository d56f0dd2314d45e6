import { type EngineOrchestrator, OrchestratorError } from '@acestream-orchestrator/engine-orchestrator';
import type { Log } from '../log.ts';
import type { Engines } from '../services.ts';
import { provisioningError } from './provisioning-error.ts';

/** The engines as routes see them; what the orchestrator refuses becomes an ApiError. */
export function enginePool(orchestrator: EngineOrchestrator, managed: boolean, log: Log): Engines {
  return {
    managed,
    list: () => orchestrator.engines(),
    capacity: () => orchestrator.capacity(),
    collectIdle: () => orchestrator.collectIdle(),
    drain: (id) => orchestrator.drain(id),
    provision: (request) => orchestrator.provision(request).catch(rethrow),
    provisioning: () => orchestrator.provisioning(),
    prune: () =>
      orchestrator.prune().catch((error: unknown) => {
        log.warn({ err: error }, 'what is left of former engines could not be removed');
        return 0;
      }),
    remove: (id) => orchestrator.remove(id),
    reprovision() {
      try {
        return orchestrator.reprovision();
      } catch (error) {
        return rethrow(error);
      }
    },
    reprovisionStatus: () => orchestrator.reprovisionStatus(),
    resetBreakers: (name) => orchestrator.resetBreakers(name),
    restart: (id) => orchestrator.restart(id),
    resume: (id) => orchestrator.resume(id),
    scale: (count) => orchestrator.scale(count),
    stats: (options) => orchestrator.stats(options),
    get settings() {
      return orchestrator.settings;
    },
  };
}

function rethrow(error: unknown): never {
  throw error instanceof OrchestratorError ? provisioningError(error) : error;
}
