import type { SessionEndReason, SessionState } from './contract.ts';

/**
 * Where a session stands.
 *
 *     opening ──first bytes──▶ live ──source ended──▶ recovering ──spliced──▶ live
 *        └───────────┬──────────┴──────────┬──────────────┘
 *                    ▼ closed(reason)      ▼
 */
export type State =
  | { readonly name: 'opening'; readonly sinceMs: number }
  | { readonly name: 'live'; readonly sinceMs: number; readonly source: string }
  | { readonly name: 'recovering'; readonly sinceMs: number; readonly from: string }
  | { readonly name: 'closed'; readonly sinceMs: number; readonly reason: SessionEndReason };

export type SessionEvent =
  | { readonly type: 'delivering'; readonly source: string }
  | { readonly type: 'source-ended' }
  | { readonly type: 'close'; readonly reason: SessionEndReason };

/** The only way a session's state changes. Events that do not fit a state leave it as it is (`closed` is final). */
export function transition(state: State, event: SessionEvent, nowMs: number): State {
  if (state.name === 'closed') return state;
  switch (event.type) {
    case 'delivering':
      return state.name === 'live' ? state : { name: 'live', sinceMs: nowMs, source: event.source };
    case 'source-ended':
      return state.name === 'live' ? { name: 'recovering', sinceMs: nowMs, from: state.source } : state;
    case 'close':
      return { name: 'closed', sinceMs: nowMs, reason: event.reason };
  }
}

export const stateName = (state: State): SessionState => state.name;
