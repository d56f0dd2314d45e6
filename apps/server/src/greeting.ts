import type { ApiKey } from './auth/api-key.ts';
import type { Config } from './config/config.ts';

/** A channel to try. */
export interface DemoChannel {
  readonly name: string;
  readonly contentId: string;
}

export interface GreetingOptions {
  readonly config: Config;
  readonly key: ApiKey;
  /** Where the server is reached from this machine. */
  readonly origin: string;
  /** Of the built-in engines, when those are used. */
  readonly channels: readonly DemoChannel[] | undefined;
}

/** What a person wants to know when the server has started. */
export function greeting({ config, key, origin, channels }: GreetingOptions): string {
  const play = `${origin}/ace/getstream?id=`;
  return [
    '',
    ...(channels === undefined
      ? [`${enginesLine(config)} Open in a player:`, '', `  ${play}<content id>`]
      : [
          'No engines are configured, so the built-in simulated engines play test pictures. Open in a player:',
          '',
          ...channels.map(({ name, contentId }) => `  ${play}${contentId}   ${name}`),
        ]),
    '',
    `  ${origin}/panel   the web page`,
    `  ${origin}/docs   the HTTP API`,
    `  ${origin}/streams   what is being played`,
    `  ${origin}/engines   the engines`,
    `  ${origin}/orchestrator/status   everything at a glance`,
    '',
    ...keyLines(config, key),
  ].join('\n');
}

function enginesLine({ engines, engineUrls }: Config): string {
  if (engines === 'docker') return 'Engines are made in Docker containers as they are needed.';
  return `Playing from ${engineUrls.length} engine(s) of yours.`;
}

function keyLines({ auth, authPlayback }: Config, { value, origin, path }: ApiKey): string[] {
  if (auth === 'off') return ['Keys are off (AUTH=off): whoever reaches this server may do everything.', ''];
  const players = authPlayback === 'local' ? 'Players on the local network need no key. ' : '';
  switch (origin) {
    case 'made':
      return [
        `${players}The API key for everything else is ${value}`,
        `It is kept in ${path} and not shown again; "key show" prints it.`,
        '',
      ];
    case 'memory':
      return [
        `${players}The API key for everything else is ${value}`,
        `It could not be kept in ${path}, so the next start makes another one: set DATA_DIR or API_KEY.`,
        '',
      ];
    case 'file':
      return [`${players}The API key for everything else is in ${path}`, ''];
    case 'setting':
      return [`${players}The API key for everything else is the one in API_KEY.`, ''];
  }
}
