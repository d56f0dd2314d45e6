import type { Attempt } from './attempt.ts';

const seconds = (ms: number): string => `${Math.round(ms / 1_000)} s`;

/** By the code of the error; what depends on more is below. */
const sentences: Readonly<Record<string, string>> = {
  access_revoked: 'The token or key of the player was revoked while it waited: give it another one.',
  acquire_timeout: 'No engine became free in time. Start more engines, or raise STREAMS_PER_ENGINE.',
  bad_content: 'The request names no content that an engine could take: mend the link or the playlist.',
  bad_redirect:
    'The engine redirects to another host. Look at its log and its network settings; another engine may do.',
  bad_response: 'The engine answers something that makes no sense. Restart it, or try another version of it.',
  bad_status: 'The engine took the content and then refused to send it. Try again; if it stays, restart the engine.',
  broken_http: 'The engine broke HTTP itself. Restart it, or try another version of it.',
  connection_reset:
    'The engine broke the connection before it had sent anything. Look at its log: it may have crashed.',
  content_dead:
    'Engines cannot find this content: the id is wrong or old, or nobody offers it. Look for a newer id of the channel.',
  engine_failed: 'The engine ended the stream before its first byte. Look at its log.',
  engine_hung: 'The engine takes requests and does not answer. Restart it; it may be short of memory or CPU.',
  engine_refused: 'The engine says no; the message quotes it.',
  engine_timeout: 'No engine answered in time. Are they overloaded? START_TIMEOUT_MS says how long is waited.',
  engine_unreachable:
    'Nothing answers at the engine’s address. Is it running, is ENGINE_URLS right, and is it on a network that this server reaches?',
  looping:
    'The broadcast repeats itself: it was found looping and is refused. Take it off the list of looping streams to try again.',
  no_capacity: 'Every engine plays as much as it may. Start more engines, raise STREAMS_PER_ENGINE, or stop a stream.',
  no_engines: 'No engine is ready. The list of engines says of each why.',
  not_mpegts: 'The engine sends something else than a transport stream: this is probably no television channel.',
  out_of_memory: 'The memory for buffered video is used up: raise MEMORY_LIMIT_MB, or play less.',
  session_gone: 'The engine forgot what it had just started: it is overloaded, or somebody else uses it, too.',
  stream_ended: 'The stream was stopped while this player waited.',
  superseded: 'Somebody else started the same content on the same engine: let only this server use it.',
  too_many_clients: 'The stream has as many players as MAX_CLIENTS_PER_STREAM allows.',
  too_many_sessions: 'As many streams are being played as MAX_STREAMS allows.',
  unreachable: 'Nothing answers at the address that the engine gave for its media. Look at its network settings.',
  vod_not_supported: 'This is a recording, not a live channel; only live channels are played.',
};

/** What an administrator can do about an attempt, in a sentence or two; undefined when there is nothing to do. */
export function adviceFor(attempt: Attempt): string | undefined {
  if (attempt.outcome !== 'failed') return undefined;
  const { code = '' } = attempt;
  if (code === 'no_data' || code === 'timeout') return withoutData(attempt);
  return sentences[code] ?? 'Try again; the log has the details.';
}

function withoutData({ peers, startedAt, endedAt = startedAt }: Attempt): string {
  const waited = seconds(endedAt - startedAt);
  if (peers === undefined) return `No media came within ${waited}. Try again later, or another id of the channel.`;
  if (peers === 0) {
    return `The engine knows the channel and found nobody who sends it within ${waited}: it is off the air now, or the engine cannot reach its peers (VPN, firewall, forwarded port).`;
  }
  return `The engine has ${peers} peers, and they were too slow to start within ${waited}: try again, or raise FIRST_BYTE_TIMEOUT_MS.`;
}
