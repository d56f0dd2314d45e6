import { execFile, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describeWithTools, simulatorImage } from '@acestream-orchestrator/engine-simulator/testing';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

describeWithTools(describe, ['docker', 'ldd', 'tar'], 'the example of the README with three web servers', () => {
  it('runs as it stands there, keeps three, and leaves none after Ctrl-C', async () => {
    const image = await simulatorImage();
    const instance = `test-${randomBytes(4).toString('hex')}`;
    const readme = await readFile(join(import.meta.dirname, '../README.md'), 'utf8');
    const example = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code = '']) => code).at(-1) ?? '';
    // Any program that listens will do; ports that no other test uses.
    const edits = [
      ["'nginx:alpine'", `'${image}'`],
      ['container: 80', 'container: 6878'],
      [`\${port}/\`, { signal }`, `\${port}/webui/api/service?method=get_version\`, { signal }`],
      ["'my-service'", `'${instance}', ports: { from: 19800, to: 19849 }`],
    ] as const;
    const code = edits.reduce((text, [from, to]) => {
      expect(text).toContain(from);
      return text.replace(from, () => to);
    }, example);
    const folder = await mkdtemp(join(import.meta.dirname, 'example-'));
    const ids = async (): Promise<string[]> => {
      const { stdout } = await run('docker', ['ps', '-aq', '--no-trunc', '--filter', `label=ondemand.app=${instance}`]);
      return stdout.split('\n').filter((id) => id !== '');
    };
    await writeFile(join(folder, 'example.mts'), code);
    const child = spawn(process.execPath, ['--conditions=@acestream-orchestrator/source', 'example.mts'], {
      cwd: folder,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => (output += chunk));
    const answering = (): number => output.split(' answers at http://').length - 1;
    try {
      await expect.poll(answering, { timeout: 60_000 }).toBe(3);
      const [first = ''] = await ids();
      await run('docker', ['rm', '-f', first]);
      await expect.poll(answering, { timeout: 60_000 }).toBe(4);
      expect(await ids()).toHaveLength(3);
      child.kill('SIGINT');
      const [exitCode] = await once(child, 'exit');
      expect([exitCode, await ids()]).toEqual([0, []]);
    } finally {
      child.kill('SIGKILL');
      const left = await ids();
      if (left.length > 0) await run('docker', ['rm', '-fv', ...left]);
      await rm(folder, { recursive: true });
    }
  });
});
