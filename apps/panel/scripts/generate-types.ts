import { readFile, writeFile } from 'node:fs/promises';
import openapiTypeScript, { astToString } from 'openapi-typescript';

/**
 * Writes the types of the server's API from its committed description. Run before every type check, so that a change of
 * the API that the page does not follow fails there; the result is not committed.
 */
const snapshot = new URL('../../server/openapi.json', import.meta.url);
const target = new URL('../src/api/schema.d.ts', import.meta.url);

const text = astToString(await openapiTypeScript(snapshot));
const before = await readFile(target, 'utf8').catch(() => undefined);
if (before !== text) await writeFile(target, text);
