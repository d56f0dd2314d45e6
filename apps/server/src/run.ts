import { loadApiKey } from './auth/api-key.ts';
import { ConfigError, engineSource, readConfig, readEnvironment } from './config/config.ts';
import { helpText } from './config/config-help.ts';
import { translateSettings } from './config/earlier-settings.ts';
import { greeting } from './greeting.ts';
import { loadInstanceId } from './instance-id.ts';
import { runKeyCommand } from './key-command.ts';
import { createLog } from './log.ts';
import { exitTimeoutMs, stopOnSignal } from './stop-on-signal.ts';
import { readVersion } from './version.ts';

/** The command line: prints what was asked for, or serves until a signal comes. */
export async function run(args: readonly string[], given: Readonly<Record<string, string | undefined>>): Promise<void> {
  const version = readVersion();
  const { env, notes, faults } = translateSettings(given);
  const [argument, action] = args;
  if (argument === '--help' || argument === '-h') return console.log(helpText(version));
  if (argument === '--version' || argument === '-v') return console.log(version);
  if (argument !== undefined && argument !== '--check-config' && argument !== 'key') {
    return fail([`There is no argument "${argument}": settings are environment variables, see --help.`]);
  }
  if (faults.length > 0) return fail(faults);
  try {
    if (argument === '--check-config') {
      readConfig(env);
      return console.log([...notes, 'The settings are fine.'].join('\n'));
    }
    if (argument === 'key') {
      const result = await runKeyCommand(action, readEnvironment(env));
      return 'fault' in result ? fail([result.fault]) : console.log(result.text);
    }
    await serve(env, notes, version);
  } catch (error) {
    fail(error instanceof ConfigError ? error.faults : [startFault(error)]);
  }
}

async function serve(
  env: Readonly<Record<string, string | undefined>>,
  notes: readonly string[],
  version: string,
): Promise<void> {
  const { dataDir, logLevel, apiKey } = readEnvironment(env);
  // Loaded only now, so that help and faults of the settings are there at once.
  const { startServer } = await import('./start-server.ts');
  const { openStorage } = await import('./storage/open-storage.ts');
  const log = createLog(logLevel);
  for (const note of notes) log.warn(note);
  const key = await loadApiKey(apiKey, dataDir);
  const { Settings } = await import('./settings/settings.ts');
  const storage = await openStorage(dataDir, log);
  const settings = new Settings({
    env,
    saved: storage.document('settings'),
    save: (saved) => storage.saveDocuments({ settings: saved }),
  });
  for (const fault of settings.faults) log.error(fault);
  const { config } = settings;
  log.level = config.logLevel;
  const source = engineSource(config);
  const instance = source === 'docker' ? await loadInstanceId(config.instanceId, dataDir) : undefined;
  const demo = source === 'demo' ? await (await import('./demo.ts')).startDemo() : undefined;
  try {
    const engines = demo?.engines ?? config.engineUrls;
    const server = await startServer({ settings, log, version, key, engines, instance, storage });
    console.log(greeting({ config, key, origin: server.origin, channels: demo?.channels }));
    stopOnSignal({
      log,
      timeoutMs: () => exitTimeoutMs(config, server.services.engines.managed),
      onFault: (message) => server.services.events.record({ type: 'system', category: 'unhandled_error', message }),
      async close() {
        await server.close();
        await demo?.close();
      },
    });
  } catch (error) {
    await demo?.close();
    throw error;
  }
}

/** One sentence for each of the ways in which a start fails. */
function startFault(error: unknown): string {
  const { code, message, port, address } = error as NodeJS.ErrnoException & { port?: number; address?: string };
  switch (code) {
    case 'EADDRINUSE':
      return `Port ${port} is already in use: stop what listens there, or set PORT to another one.`;
    case 'EACCES':
      return `Port ${port} may not be used by this user: set PORT to one above 1023.`;
    case 'EADDRNOTAVAIL':
    case 'ENOTFOUND':
      return `HOST ${address ?? ''} is not an address of this machine.`;
    default:
      return message;
  }
}

function fail(sentences: readonly string[]): void {
  for (const sentence of sentences) console.error(sentence);
  process.exitCode = 1;
}
