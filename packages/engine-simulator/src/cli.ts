#!/usr/bin/env node
import { HELP_TEXT } from './command-line/help-text.ts';
import { parseCommandLine } from './command-line/parse-command-line.ts';
import { createEngine } from './create-engine.ts';

async function main(): Promise<void> {
  const { options, help, readyJson, notices } = parseCommandLine(process.argv.slice(2));
  if (help) {
    process.stdout.write(HELP_TEXT);
    return;
  }
  for (const notice of notices) process.stderr.write(`engine-simulator: ${notice}\n`);

  const engine = await createEngine(options);
  // Before the ready line: whoever waits for it may signal at once.
  const stop = (): void => void engine.close().then(() => process.exit(0));
  process.once('SIGTERM', stop);
  process.once('SIGINT', stop);
  const controlPort = engine.controlUrl ? Number(new URL(engine.controlUrl).port) : null;
  if (readyJson) process.stdout.write(`${JSON.stringify({ port: engine.port, controlPort })}\n`);
  else
    process.stdout.write(`listening on ${engine.url}${engine.controlUrl ? `, control on ${engine.controlUrl}` : ''}\n`);
}

main().catch((error: unknown) => {
  process.stderr.write(`engine-simulator: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
});
