import type { Probe, ProbeResult } from '../probe.ts';
import { AceError } from './ace-error.ts';
import { AceEngineClient } from './engine-client.ts';
import type { AceVersion } from './engine-version.ts';

export interface AceProbeOptions {
  /** Also fail an engine that says it has no connection to its network. One that does not say passes. Default false. */
  readonly requireNetwork?: boolean;
}

/** No probe is given as long as this; the orchestrator's own limit comes first. */
const timeoutMs = 60_000;

/**
 * Asks an engine for `get_status`, and with `requireNetwork` for `get_network_connection_status`. That shows that its
 * API works, not that it can play: what the proxies see of its streams says more.
 */
export function aceProbe({ requireNetwork = false }: AceProbeOptions = {}): Probe {
  return async (engine, { signal }) => {
    const client = new AceEngineClient({ host: engine.host, port: engine.port, jsonTimeoutMs: timeoutMs });
    try {
      const { version } = await client.status({ signal });
      if (requireNetwork && !(await isConnected(client, signal))) {
        return { ok: false, reason: `The engine at ${client.origin} has no connection to its network` };
      }
      return well(version);
    } catch (error) {
      if (error instanceof AceError) return { ok: false, reason: error.message };
      throw error;
    }
  };
}

/** An engine that does not know the question counts as connected. */
async function isConnected(client: AceEngineClient, signal: AbortSignal): Promise<boolean> {
  try {
    return await client.networkConnected({ signal });
  } catch (error) {
    if (error instanceof AceError && error.code === 'engine_refused') return true;
    throw error;
  }
}

function well(version: AceVersion | undefined): ProbeResult {
  if (version === undefined) return { ok: true };
  const { platform } = version;
  return { ok: true, version: version.version, ...(platform === undefined ? {} : { platform }) };
}
