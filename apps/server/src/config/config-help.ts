import { type Setting, settings } from './config.ts';

/** The text of `--help`: every setting of the table with its default, range and purpose. */
export function helpText(version: string): string {
  const rows = Object.values<Setting<unknown>>(settings);
  const width = Math.max(...rows.map(({ name }) => name.length));
  const lines = rows.flatMap(({ name, type, default: value, text }) => {
    const shown = value === undefined ? '' : type.format(value);
    return [
      `  ${name.padEnd(width)}  ${text}`,
      `  ${' '.repeat(width)}  ${type.shape}; default ${shown === '' ? 'none' : shown}`,
    ];
  });
  return [
    `acestream-orchestrator ${version}: one URL in front of a pool of AceStream engines.`,
    '',
    'Usage: [SETTING=value …] acestream-orchestrator [command]',
    '',
    '  (none)          serves until SIGTERM or SIGINT; a second one exits at once',
    '  key show        prints the API key of this installation',
    '  key rotate      replaces it and prints the new one; a running server takes it at once',
    '  --check-config  says what is wrong with the settings, all of it at once, and does not start',
    '  --version       prints the version',
    '  --help          prints this',
    '',
    'Settings are environment variables:',
    '',
    ...lines,
    '',
  ].join('\n');
}
