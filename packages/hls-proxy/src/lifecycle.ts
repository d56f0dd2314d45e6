import { channel } from 'node:diagnostics_channel';
import type { HlsProxyHooks } from './contract.ts';

type EventOf<Name extends keyof HlsProxyHooks> = Parameters<NonNullable<HlsProxyHooks[Name]>>[0];

/** Tells the hooks, and whoever listens on the diagnostics channel `hls-proxy:<event>`. */
export type Announce = <Name extends keyof HlsProxyHooks>(name: Name, event: EventOf<Name>) => void;

export function announcer(hooks: HlsProxyHooks): Announce {
  return (name, event) => {
    const listeners = channel(`hls-proxy:${name}`);
    if (listeners.hasSubscribers) listeners.publish(event);
    const hook = hooks[name] as ((event: unknown) => void) | undefined;
    if (hook === undefined) return;
    try {
      hook.call(hooks, event);
    } catch (error) {
      // A listener's fault must not end a stream; it is told where uncaught faults belong.
      process.emitWarning(error instanceof Error ? error : new Error(String(error)));
    }
  };
}
