/** The groups of routes in the OpenAPI document, in the order of the reference page. */
export const tags = {
  playback: 'What players open. These paths are at the root only.',
  streams: 'What is being played, and what was.',
  engines: 'The pool of engines.',
  containers:
    'The containers that engines run in, and what they are made from. They are made here with ENGINES=docker.',
  events: 'What happened, and what happens: the event log, and events from outside.',
  playlists: 'Lists of channels.',
  settings: 'How it all behaves.',
  keys: 'Tokens for players.',
  status: 'Whether it works, and how well.',
  reference: 'This contract.',
} as const;

export type Tag = keyof typeof tags;
