import { afterEach, describe, expect, test, vi } from 'vitest';
import { type Describe, describeWithTools, findTool, requireTool } from './find-tool.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Records what a test file would register. */
function recorder(): { describe: Describe; calls: { title: string; skipped: boolean; body: () => void }[] } {
  const calls: { title: string; skipped: boolean; body: () => void }[] = [];
  const describe: Describe = Object.assign(
    (title: string, body: () => void) => calls.push({ title, skipped: false, body }),
    {
      skip: (title: string, body: () => void) => calls.push({ title, skipped: true, body }),
    },
  );
  return { describe, calls };
}

test('a program on the PATH is found, another is not', () => {
  expect(findTool('sh')).toMatchObject({ name: 'sh', available: true, reason: '' });
  expect(findTool('sh').path).toMatch(/^\/.*\/sh$/);
  expect(findTool('no-such-program')).toEqual({
    name: 'no-such-program',
    available: false,
    path: '',
    reason: 'no-such-program is not installed',
  });
});

test('with an empty PATH nothing is found', () => {
  vi.stubEnv('PATH', '');
  expect(findTool('sh').available).toBe(false);
});

test('a missing program is a fault in CI and only there', () => {
  vi.stubEnv('CI', '');
  expect(requireTool('no-such-program').available).toBe(false);
  vi.stubEnv('CI', '1');
  expect(() => requireTool('no-such-program')).toThrow('no-such-program is not installed');
  expect(requireTool('sh').available).toBe(true);
});

describe('a group of tests that needs programs', () => {
  test('runs with their paths when they are there', () => {
    const { describe, calls } = recorder();
    let paths: Readonly<Record<'sh', string>> | undefined;
    describeWithTools(describe, ['sh'], 'shells', (found) => {
      paths = found;
    });
    expect(calls).toMatchObject([{ title: 'shells', skipped: false }]);
    calls[0]!.body();
    expect(paths!.sh).toBe(findTool('sh').path);
  });

  test('is skipped on a user’s machine, and its title says why', () => {
    vi.stubEnv('CI', '');
    const { describe, calls } = recorder();
    describeWithTools(describe, ['sh', 'no-such-program'], 'odd things', () => {});
    expect(calls).toMatchObject([{ title: 'odd things (skipped: no-such-program is not installed)', skipped: true }]);
  });

  test('fails in CI', () => {
    vi.stubEnv('CI', '1');
    const { describe, calls } = recorder();
    describeWithTools(describe, ['no-such-program'], 'odd things', () => {});
    expect(calls).toMatchObject([{ title: 'odd things', skipped: false }]);
    expect(() => calls[0]!.body()).toThrow('no-such-program is not installed');
  });
});
