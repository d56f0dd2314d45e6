import { expect, test } from 'vitest';
import { runProcess } from './run-process.ts';

const node = process.execPath;

test('what a program prints and its exit code are collected', async () => {
  const result = await runProcess(node, ['-e', 'console.log("out"); console.error("err"); process.exitCode = 3']);
  expect(result).toEqual({ exitCode: 3, signal: null, timedOut: false, stdout: 'out\n', stderr: 'err\n' });
});

test('the environment is added to', async () => {
  const { stdout } = await runProcess(node, ['-p', 'process.env.GREETING + !!process.env.PATH'], {
    env: { GREETING: 'hi' },
  });
  expect(stdout).toBe('hitrue\n');
});

test('a program that takes too long is killed', async () => {
  const result = await runProcess(node, ['-e', 'console.log("started"); setInterval(() => {}, 1000)'], {
    timeoutMs: 700,
  });
  expect(result).toMatchObject({ exitCode: null, signal: 'SIGKILL', timedOut: true });
});

test('an abort kills the program and rejects with its reason', async () => {
  const reason = new Error('enough');
  const controller = new AbortController();
  const running = runProcess(node, ['-e', 'setInterval(() => {}, 1000)'], { signal: controller.signal });
  setTimeout(() => controller.abort(reason), 50);
  await expect(running).rejects.toBe(reason);
  await expect(runProcess(node, ['-v'], { signal: controller.signal })).rejects.toBe(reason);
});

test('a program that does not exist rejects', async () => {
  await expect(runProcess('/no/such/program', [])).rejects.toMatchObject({ code: 'ENOENT' });
});
