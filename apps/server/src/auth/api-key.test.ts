import { mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysEqual, loadApiKey, rotateApiKey } from './api-key.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'api-key-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('loadApiKey', () => {
  it('makes a key on first start, keeps it readable for its owner only, and finds it again', async () => {
    const dataDir = join(folder, 'new', 'data');
    const made = await loadApiKey(undefined, dataDir);
    expect(made.origin).toBe('made');
    expect(made.value).toMatch(/^[\w-]{32}$/);
    expect((await stat(made.path)).mode & 0o777).toBe(0o600);
    const again = await loadApiKey(undefined, dataDir);
    expect([again.origin, again.value, await again.current()]).toEqual(['file', made.value, made.value]);
  });

  it('makes another one for another folder', async () => {
    const one = await loadApiKey(undefined, join(folder, 'one'));
    expect((await loadApiKey(undefined, join(folder, 'other'))).value).not.toBe(one.value);
  });

  it('prefers the setting, and writes nothing then', async () => {
    expect(await loadApiKey('from-the-setting', folder)).toMatchObject({
      value: 'from-the-setting',
      origin: 'setting',
    });
    await expect(readFile(join(folder, 'api-key'))).rejects.toThrow('ENOENT');
  });

  it('replaces an empty file and tightens its mode', async () => {
    await writeFile(join(folder, 'api-key'), '\n', { mode: 0o644 });
    const made = await loadApiKey(undefined, folder);
    expect(made.origin).toBe('made');
    expect((await stat(made.path)).mode & 0o777).toBe(0o600);
  });

  it('tightens the mode of a file that is there', async () => {
    await writeFile(join(folder, 'api-key'), 'kept\n', { mode: 0o644 });
    const { value, path } = await loadApiKey(undefined, folder);
    expect(value).toBe('kept');
    expect((await stat(path)).mode & 0o777).toBe(0o600);
  });

  it('follows a rotation, and stays when the file is gone', async () => {
    const key = await loadApiKey(undefined, folder);
    expect(await key.current()).toBe(key.value);
    const rotated = await rotateApiKey(folder);
    expect(await key.current()).toBe(rotated);
    await rm(key.path);
    expect(await key.current()).toBe(rotated);
  });

  it('lives in memory when the folder cannot be used', async () => {
    await writeFile(join(folder, 'file'), '');
    const key = await loadApiKey(undefined, join(folder, 'file', 'data'));
    expect(key.origin).toBe('memory');
    expect(key.value).toMatch(/^[\w-]{32}$/);
  });
});

describe('keysEqual', () => {
  it('compares texts of any lengths', () => {
    expect(keysEqual('abc', 'abc')).toBe(true);
    expect(keysEqual('abc', 'abd')).toBe(false);
    expect(keysEqual('', 'abc')).toBe(false);
    expect(keysEqual('abc', 'abcd')).toBe(false);
  });
});
