import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
}

/** Runs a program to its end and gives what it printed; rejects when it fails. */
export async function run(
  cwd: string,
  command: string,
  args: readonly string[],
  { env = {} }: RunOptions = {},
): Promise<string> {
  const options = { cwd, env: { ...process.env, ...env }, maxBuffer: 64 * 1024 * 1024 };
  return (await promisify(execFile)(command, args, options)).stdout;
}

/** The pnpm that runs the tests; through npx, which asks the registry first, where there is none. */
export async function pnpm(cwd: string, args: readonly string[], options: RunOptions = {}): Promise<string> {
  try {
    return await run(cwd, 'pnpm', args, options);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
    return await run(cwd, 'npx', ['-y', 'pnpm@12', ...args], options);
  }
}
