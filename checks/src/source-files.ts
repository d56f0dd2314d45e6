import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** Files that belong to the repository, committed or not, ignored ones left out; paths from the root. */
export function repositoryFiles(): readonly string[] {
  const listed = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard', '-z'], {
    cwd: repository,
    encoding: 'utf8',
    maxBuffer: 16 * 1024 * 1024,
  });
  return listed.split('\0').filter((path) => path !== '');
}

/** Text of the TypeScript sources below `src` of a member, tests left out. */
export function sourceTexts(member: string): readonly string[] {
  return repositoryFiles()
    .filter((path) => path.startsWith(`${member}/src/`) && path.endsWith('.ts') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(repository, path), 'utf8'));
}
