import { execFile } from 'node:child_process';
import type { RegistryLogin } from './registry-login.ts';

/** An answer is far smaller. */
const maxAnswerBytes = 64 * 1024;
/** What a helper says, with exit code 1, of a registry that it knows nothing of. */
const notFound = /credentials not found/i;

/**
 * Asks a program that keeps logins, `docker-credential-<helper> get`, as the docker command does: the server's name goes
 * in, `{ Username, Secret }` comes out. Undefined when it has none. Rejects with what is wrong, never with what it said
 * where that may hold a secret.
 */
export async function askCredentialHelper(
  helper: string,
  server: string,
  signal: AbortSignal,
): Promise<RegistryLogin | undefined> {
  const program = `docker-credential-${helper}`;
  if (!/^[\w.-]+$/.test(helper)) throw new Error(`"${helper}" cannot be the name of a credential helper`);
  const { error, output } = await run(program, server, signal);
  signal.throwIfAborted();
  if (error === null) return readAnswer(program, output);
  if (error.code === 'ENOENT') throw new Error(`its helper ${program} is not installed where this runs`);
  if (notFound.test(output)) return undefined;
  throw new Error(`its helper ${program} failed${quote(output)}`);
}

interface Run {
  readonly error: { readonly code?: unknown } | null;
  /** What it wrote to its output, or else to its error output. */
  readonly output: string;
}

function run(program: string, input: string, signal: AbortSignal): Promise<Run> {
  return new Promise((resolve) => {
    const options = { signal, maxBuffer: maxAnswerBytes };
    const child = execFile(program, ['get'], options, (error, stdout, stderr) =>
      resolve({ error, output: stdout.trim() || stderr.trim() }),
    );
    // A program that does not read what it is asked ends all the same.
    child.stdin?.on('error', () => {});
    child.stdin?.end(`${input}\n`);
  });
}

function readAnswer(program: string, output: string): RegistryLogin {
  const { Username: username, Secret: secret } = parse(output) ?? {};
  if (typeof username !== 'string' || typeof secret !== 'string') {
    throw new Error(`its helper ${program} gave no Username and Secret`);
  }
  return username === '<token>' ? { identityToken: secret } : { username, password: secret };
}

function parse(output: string): { readonly Username?: unknown; readonly Secret?: unknown } | undefined {
  try {
    const value: unknown = JSON.parse(output);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** Its complaint in a line; half an answer is none. */
function quote(output: string): string {
  return output === '' || output.includes('{') ? '' : `: ${output.split('\n', 1)[0]?.slice(0, 200)}`;
}
