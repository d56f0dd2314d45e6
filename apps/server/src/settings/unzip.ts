import { promisify } from 'node:util';
import { inflateRaw } from 'node:zlib';

const inflate = promisify(inflateRaw);

const endRecord = 0x06054b50;
const directoryEntry = 0x02014b50;
const maxFiles = 100;
const maxFileBytes = 1024 * 1024;

/** An archive that cannot be read. */
export class BadArchive extends Error {
  override readonly name = 'BadArchive';
}

/**
 * The files of a small ZIP archive (PKWARE APPNOTE 6.3.10 §4.3), by name. Stored and deflated entries only, no encryption,
 * no ZIP64. Rejects with a {@link BadArchive}.
 */
export async function unzip(archive: Buffer): Promise<ReadonlyMap<string, Buffer>> {
  const end = findEnd(archive);
  const count = archive.readUInt16LE(end + 10);
  if (count > maxFiles) throw new BadArchive(`The archive has ${count} files, more than ${maxFiles}`);
  const files = new Map<string, Buffer>();
  try {
    let at = archive.readUInt32LE(end + 16);
    for (let index = 0; index < count; index++) {
      if (archive.readUInt32LE(at) !== directoryEntry) throw new BadArchive('The archive’s directory is damaged');
      const nameLength = archive.readUInt16LE(at + 28);
      const name = archive.toString('utf8', at + 46, at + 46 + nameLength);
      files.set(name, await content(archive, at));
      at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
    }
  } catch (error) {
    if (error instanceof BadArchive) throw error;
    throw new BadArchive(`The archive cannot be read: ${(error as Error).message}`);
  }
  return files;
}

function findEnd(archive: Buffer): number {
  for (let at = archive.length - 22; at >= Math.max(archive.length - 65_557, 0); at--) {
    if (archive.readUInt32LE(at) === endRecord) return at;
  }
  throw new BadArchive('This is no ZIP archive');
}

async function content(archive: Buffer, entry: number): Promise<Buffer> {
  const method = archive.readUInt16LE(entry + 10);
  const packedBytes = archive.readUInt32LE(entry + 20);
  const local = archive.readUInt32LE(entry + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedBytes);
  if (packed.length !== packedBytes) throw new BadArchive('The archive is cut off');
  if (method === 0) return packed;
  if (method === 8) return inflate(packed, { maxOutputLength: maxFileBytes });
  throw new BadArchive(`The archive is packed with method ${method}; only stored and deflated files can be read`);
}
