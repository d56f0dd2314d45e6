import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { repository } from './repository.ts';

/** An import that a rule of `.dependency-cruiser.cjs` forbids. */
export interface Violation {
  readonly rule: string;
  readonly severity: string;
  /** The importing file, from the root of the tree. */
  readonly from: string;
}

interface CruiseResult {
  readonly summary: {
    readonly violations: readonly {
      readonly from: string;
      readonly rule: { readonly name: string; readonly severity: string };
    }[];
  };
}

/** Runs dependency-cruiser in a tree that has its configuration at its root. */
export async function cruise(tree: string, folders: readonly string[]): Promise<readonly Violation[]> {
  const program = join(repository, 'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs');
  const { stdout } = await promisify(execFile)(
    process.execPath,
    [program, '--config', '.dependency-cruiser.cjs', '--output-type', 'json', ...folders],
    { cwd: tree, maxBuffer: 64 * 1024 * 1024 },
  );
  const result = JSON.parse(stdout) as CruiseResult;
  return result.summary.violations.map(({ from, rule }) => ({ rule: rule.name, severity: rule.severity, from }));
}
