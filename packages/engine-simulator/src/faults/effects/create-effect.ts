import type { Playout } from '../../playout/playout.ts';
import type { AnyActiveFault } from '../active-fault.ts';
import { loopPlayout } from './loop-playout.ts';
import { remapPids } from './remap-pids.ts';
import { shiftTimestamps } from './shift-timestamps.ts';
import type { StreamEffect, StreamTarget } from './stream-effect.ts';
import { transformPackets } from './transform-packets.ts';

/** What effects need to know when they begin. */
export interface EffectContext {
  readonly nowMs: number;
  /** The moment up to which bytes may be sent without the fault. */
  readonly dueMs: number;
  /** The playout of another channel: the one named, or, for an empty id, one that differs from the content's. */
  otherPlayout(infohash: string, channelId: string): Playout;
}

const TICKS_PER_MS = 90;
const WRAP_TICKS = 2 ** 33;

/** Begins a fault on a stream. Returns what it does from here on; some faults do all they do at once. */
export function createEffect(fault: AnyActiveFault, target: StreamTarget, context: EffectContext): StreamEffect {
  const { nowMs, dueMs } = context;
  const frozenMs = target.positionMs;
  switch (fault.name) {
    case 'end-early':
      target.end();
      return {};
    case 'reset-mid-packet':
      target.reset();
      return {};
    case 'stall':
      return stallEffect(target, nowMs, fault.parameters);
    case 'stall-forever':
      return { dueMs: () => frozenMs };
    case 'slow-drip':
      return { dueMs: (due, now) => Math.min(due, frozenMs + (now - nowMs) * fault.parameters.ratio) };
    case 'no-peers':
      return { dueMs: (due) => Math.min(due, dueMs + fault.parameters.cachedMs) };
    case 'deep-burst':
      return deepBurstEffect(target, context, fault.parameters.burstMs);
    case 'timestamp-jump': {
      const { jumpMs, wrapInMs } = fault.parameters;
      const shiftTicks = wrapInMs > 0 ? WRAP_TICKS - (wrapInMs + frozenMs) * TICKS_PER_MS : jumpMs * TICKS_PER_MS;
      const from = target.offset;
      return { decorate: (inner) => transformPackets(inner, from, (packet) => shiftTimestamps(packet, shiftTicks)) };
    }
    case 'looped': {
      const { ageMs, periodMs } = fault.parameters;
      const from = target.offset;
      return { decorate: (inner) => loopPlayout(inner, { from, ageMs, periodMs }) };
    }
    case 'new-program': {
      const { channel, pidShift } = fault.parameters;
      const other = transformPackets(context.otherPlayout(target.infohash, channel), 0, remapPids(pidShift));
      return { replacement: () => other };
    }
    case 'notification-clip': {
      const { channel, durationMs } = fault.parameters;
      const clip = context.otherPlayout(target.infohash, channel);
      const untilMs = durationMs === 0 ? Number.POSITIVE_INFINITY : nowMs + durationMs;
      return { replacement: (now) => (now < untilMs ? clip : undefined) };
    }
    default:
      return {};
  }
}

function stallEffect(
  target: StreamTarget,
  nowMs: number,
  { durationMs, lostMs }: { readonly durationMs: number; readonly lostMs: number },
): StreamEffect {
  const frozenMs = target.positionMs;
  let stalled = true;
  return {
    step: (now) => {
      if (!stalled || now < nowMs + durationMs) return;
      stalled = false;
      target.skipMs(lostMs);
    },
    dueMs: (due) => (stalled ? frozenMs : due),
  };
}

/** Sends `burstMs` of the past at once, then nothing for `burstMs`, then on from there in real time. */
function deepBurstEffect(target: StreamTarget, { nowMs, dueMs }: EffectContext, burstMs: number): StreamEffect {
  if (target.bytesSent > 0) return {};
  target.skipMs(dueMs - burstMs - target.positionMs);
  return { dueMs: (due, now) => (now < nowMs + burstMs ? dueMs : due - burstMs) };
}
