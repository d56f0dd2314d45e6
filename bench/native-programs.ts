import { execFile } from 'node:child_process';
import { mkdir, readdir, stat } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const SOURCES = new URL('./native/', import.meta.url);
const BUILD = new URL('./dist/', import.meta.url);

/** Paths of the compiled programs. */
export interface NativePrograms {
  readonly source: string;
  readonly loadClient: string;
  readonly fanout: string;
  readonly hlsViewers: string;
}

/** Compiles what is older than its source. Rejects with a sentence that says what is missing. */
export async function compileNativePrograms(): Promise<NativePrograms> {
  await mkdir(BUILD, { recursive: true });
  const [source, loadClient, fanout, hlsViewers] = await Promise.all([
    compile('source'),
    compile('load-client'),
    compile('fanout'),
    compile('hls-viewers'),
  ]);
  return { source, loadClient, fanout, hlsViewers };
}

async function compile(name: string): Promise<string> {
  const built = fileURLToPath(new URL(name, BUILD));
  if ((await modifiedMs(built)) > (await newestSourceMs())) return built;
  const compiler = process.env['CC'] ?? 'cc';
  const from = fileURLToPath(new URL(`${name}.c`, SOURCES));
  try {
    await promisify(execFile)(compiler, ['-std=gnu11', '-D_GNU_SOURCE', '-O2', '-Wall', '-Wextra', '-o', built, from]);
  } catch (error) {
    const missing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    throw new Error(missing ? `there is no C compiler: ${compiler} was not found` : `${compiler} failed on ${name}.c`, {
      cause: error,
    });
  }
  return built;
}

async function newestSourceMs(): Promise<number> {
  const files = await readdir(SOURCES);
  return Math.max(...(await Promise.all(files.map((file) => modifiedMs(fileURLToPath(new URL(file, SOURCES)))))));
}

/** 0 where there is no such file. */
async function modifiedMs(path: string): Promise<number> {
  return stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0,
  );
}
