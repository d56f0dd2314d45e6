import { expect, test } from 'vitest';
import { readPage, sectionAt, tableRows } from '../src/markdown.ts';
import { publishedPackages } from '../src/published-packages.ts';
import { sourceTexts } from '../src/source-files.ts';

const page = readPage('docs/errors.md');
const members = publishedPackages().map(({ folder }) => ({
  folder,
  text: withoutComments(sourceTexts(folder).join('\n')),
}));

/** Every `export type …ErrorCode` of the published packages, with its literals. */
const unions = members.flatMap(({ text }) =>
  [...text.matchAll(/^export type (\w+ErrorCode) =([^;]+);/gm)].map(([, name = '', body = '']): [string, string[]] => [
    name,
    literals(body),
  ]),
);
const server = members.find(({ folder }) => folder === 'apps/server')!.text;

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\//g, '');
}

function literals(code: string): string[] {
  return [...code.matchAll(/'([a-z_-]+)'/g)].map(([, literal = '']) => literal);
}

function codesOf(section: string): string[] {
  return tableRows(section).map(([code = '']) => code);
}

test('the sources have the unions of codes that are looked for', () => {
  expect(unions.map(([name]) => name)).toEqual(
    expect.arrayContaining(['MpegTsProxyErrorCode', 'SourceErrorCode', 'OrchestratorErrorCode', 'AceErrorCode']),
  );
});

test.each(unions)('the codes of %s are those on the page', (name, codes) => {
  expect(codesOf(sectionAt(page, `\`${name}\``, /^(#|`\w+`:)/)).sort()).toEqual(codes.toSorted());
});

test("the server's answers are on the page, with their status", () => {
  const raised = [...server.matchAll(/new ApiError\(\s*(\d+),\s*'(\w+)'/g)].map(
    ([, status, code]) => `${code} ${status}`,
  );
  expect(raised.length).toBeGreaterThan(8);
  const documented = tableRows(sectionAt(page, "## The server's answers", /^## /)).map(
    ([code, status]) => `${code} ${status}`,
  );
  expect(documented).toEqual(expect.arrayContaining([...new Set(raised)]));
});

test('every code among the answers is raised by the server, or by a library that it uses', () => {
  const known = new Set([...literals(server), ...unions.flatMap(([, codes]) => codes)]);
  const codes = codesOf(sectionAt(page, "## The server's answers", /^## /));
  expect(codes.filter((code) => !known.has(code))).toEqual([]);
  expect(new Set(codes).size).toBe(codes.length);
});
