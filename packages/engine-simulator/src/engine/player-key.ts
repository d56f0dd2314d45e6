import { createHash } from 'node:crypto';

/**
 * The 32 hex digits that stand for a player in the engine's URLs. Deterministic, as on the real engine: without a
 * player id all clients behind one address are the same player.
 */
export function playerKey(clientAddress: string, playerId: string | undefined): string {
  const identity = playerId ? `${clientAddress}:${playerId}` : clientAddress;
  return createHash('md5').update(identity).digest('hex');
}
