import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import type { FastifySchema } from 'fastify';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createHttpServer } from '../src/http/server.ts';
import { createLog } from '../src/log.ts';
import { documentRoutes } from '../src/openapi/document-routes.ts';
import type { OpenApiDocument } from '../src/openapi/finish-document.ts';
import { operationsOf } from '../src/openapi/operations.ts';
import { referenceMarkdown } from '../src/openapi/reference-markdown.ts';
import { referencePage } from '../src/openapi/reference-page.ts';
import { serve, type TestServer } from './serve.ts';

describe('the OpenAPI document', () => {
  let test: TestServer;
  let document: OpenApiDocument;
  beforeAll(async () => {
    test = await serve();
    document = (await test.get<OpenApiDocument>('/openapi.json', {})).body;
  });
  afterAll(() => test[Symbol.asyncDispose]());

  it('is the committed one; "pnpm openapi" writes it anew', async () => {
    await expect(`${JSON.stringify(document, undefined, 2)}\n`).toMatchFileSnapshot('../openapi.json');
  });

  it('is the reference in docs/http.md as well, below its introduction; the same command writes it anew', async () => {
    const page = fileURLToPath(new URL('../../../docs/http.md', import.meta.url));
    const mark = '<!-- What follows is written by "pnpm docs:http". -->\n';
    const [introduction = '', ...rest] = (await readFile(page, 'utf8')).split(mark);
    expect(rest).toHaveLength(1);
    await expect(`${introduction}${mark}\n${referenceMarkdown(document)}\n`).toMatchFileSnapshot(page);
  });

  it('has canonical paths only, each operation with an id of its own', () => {
    const operations = operationsOf(document);
    expect(operations.length).toBeGreaterThan(14);
    for (const { path } of operations) expect(path).toMatch(/^\/(api\/v1|ace)\//);
    const ids = operations.map(({ operationId }) => operationId);
    expect(new Set(ids).size).toBe(ids.length);
  });

  it('refers to nothing that is not in it', () => {
    const names = Object.keys(document.components?.schemas ?? {});
    const used = [...JSON.stringify(document).matchAll(/"#\/components\/schemas\/([^"]+)"/g)].map(([, name]) => name);
    expect(used.filter((name) => !names.includes(name!))).toEqual([]);
  });

  it('says of every operation who may use it and how it fails', () => {
    for (const { responses, security, path, operationId } of operationsOf(document)) {
      expect([operationId, security !== undefined]).toEqual([operationId, true]);
      const guarded = security!.length > 0;
      expect([operationId, '401' in responses!, '403' in responses!]).toEqual([operationId, guarded, guarded]);
      if (path.includes('{'))
        expect([operationId, Object.keys(responses!)]).toEqual([operationId, expect.arrayContaining(['400'])]);
    }
  });

  it('says of every parameter what it is for', () => {
    const parameters = operationsOf(document).flatMap(({ operationId, parameters: all = [] }) =>
      all.map((each) => ({ operationId, name: 'name' in each ? each.name : '', described: 'description' in each })),
    );
    expect(parameters.length).toBeGreaterThan(40);
    expect(parameters.filter(({ described }) => !described)).toEqual([]);
  });

  it('is served under every name, and as a page that loads nothing', async () => {
    expect((await test.get('/api/v1/openapi.json', {})).body).toEqual(document);
    const response = await fetch(`${test.origin}/docs`);
    expect(response.headers.get('content-security-policy')).toContain("default-src 'none'");
    const page = await response.text();
    expect(page).toBe(referencePage(document));
    for (const { path, operationId } of operationsOf(document)) {
      expect(page).toContain(path);
      expect(page).toContain(`id="${operationId}"`);
    }
    expect(page).not.toMatch(/<script|<link|src=|https?:\/\//);
  });
});

it('a route that describes itself badly cannot be added', async () => {
  const app = createHttpServer(createLog('silent'));
  documentRoutes(app);
  const add = (schema: FastifySchema) => app.get('/api/v1/x', { schema, config: { area: 'open' } }, async () => 'x');
  expect(() => add({})).toThrow('GET /api/v1/x has no operationId, no summary, no one known tag');
  expect(() => add({ operationId: 'x', summary: 'x', tags: ['other'] })).toThrow('has no one known tag');
  await app.close();
});
