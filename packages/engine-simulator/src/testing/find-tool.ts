import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';

/** Whether a program is on this machine. */
export interface Tool {
  readonly name: string;
  readonly available: boolean;
  /** Absolute path; empty when not available. */
  readonly path: string;
  /** Why not, as a sentence; empty when available. */
  readonly reason: string;
}

/** Programs that go by several names. */
const OTHER_NAMES: Readonly<Record<string, readonly string[]>> = {
  chromium: ['chromium-browser', 'google-chrome', 'google-chrome-stable'],
};

/** Looks for a program on the PATH. */
export function findTool(name: string): Tool {
  const directories = (process.env['PATH'] ?? '').split(delimiter).filter((directory) => directory !== '');
  for (const candidate of [name, ...(OTHER_NAMES[name] ?? [])]) {
    for (const directory of directories) {
      const path = join(directory, candidate);
      if (isExecutable(path)) return { name, available: true, path, reason: '' };
    }
  }
  return { name, available: false, path: '', reason: `${name} is not installed` };
}

/**
 * `findTool` for tests: on a user's machine a missing program is a reason to skip, in CI (`CI` is set) a fault.
 *
 * @throws Error in CI when the program is missing.
 */
export function requireTool(name: string): Tool {
  const tool = findTool(name);
  if (!tool.available && isCi()) throw new Error(`${tool.reason}, and in CI its tests must run`);
  return tool;
}

/** The part of a test framework's `describe` that `describeWithTools` uses. */
export interface Describe {
  (title: string, body: () => void): unknown;
  skip(title: string, body: () => void): unknown;
}

/**
 * A group of tests that needs programs. Without them it is skipped, with the reason in its title, or fails in CI.
 *
 * @param body Gets the path of each program.
 */
export function describeWithTools<Name extends string>(
  describe: Describe,
  names: readonly Name[],
  title: string,
  body: (paths: Readonly<Record<Name, string>>) => void,
): void {
  const tools = names.map(findTool);
  const reasons = tools.filter((tool) => !tool.available).map((tool) => tool.reason);
  const paths = Object.fromEntries(tools.map((tool) => [tool.name, tool.path])) as Record<Name, string>;
  if (reasons.length === 0) describe(title, () => body(paths));
  else if (isCi()) describe(title, () => void names.map(requireTool));
  else describe.skip(`${title} (skipped: ${reasons.join(', ')})`, () => body(paths));
}

function isCi(): boolean {
  return (process.env['CI'] ?? '') !== '';
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
