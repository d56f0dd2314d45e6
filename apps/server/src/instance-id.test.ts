import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { loadInstanceId } from './instance-id.ts';

test('an id is made once and kept, and a setting goes before it', async () => {
  const folder = join(await mkdtemp(join(tmpdir(), 'instance-')), 'data');
  const [one, other] = await Promise.all([loadInstanceId(undefined, folder), loadInstanceId(undefined, folder)]);
  expect(one).toMatch(/^[0-9a-f]{12}$/);
  expect(other).toBe(one);
  expect((await readFile(join(folder, 'instance-id'), 'utf8')).trim()).toBe(one);
  expect(await loadInstanceId('mine', folder)).toBe('mine');
  await writeFile(join(folder, 'instance-id'), 'no id at all');
  await expect(loadInstanceId(undefined, folder)).rejects.toThrow('has no id in it');
  await rm(folder, { recursive: true });
});

test('a folder that cannot be written is no place for containers to be remembered in', async () => {
  await expect(loadInstanceId(undefined, '/etc/hostname/data')).rejects.toThrow(
    /cannot be kept in .*hostname.data.instance-id.*set INSTANCE_ID/,
  );
});
