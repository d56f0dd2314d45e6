import type { OpenAPIV3_1 } from 'openapi-types';
import type { OpenApiDocument } from './finish-document.ts';
import { type DocumentedOperation, operationsOf } from './operations.ts';
import { referenceStyle } from './reference-style.ts';
import { type Schema, schemaNote, schemaText } from './schema-text.ts';

/** The document as one HTML page that needs nothing else: no script, no font, no other host. */
export function referencePage(document: OpenApiDocument): string {
  const operations = operationsOf(document);
  const groups = (document.tags ?? []).flatMap(({ name, description = '' }) => {
    const members = operations.filter(({ tags }) => tags?.includes(name));
    return members.length === 0
      ? []
      : [
          `<h2 id="${name}">${htmlText(name)}</h2><p>${htmlText(description)}</p>${members.map(operationHtml).join('')}`,
        ];
  });
  const schemas = Object.entries(document.components?.schemas ?? {}).map(
    ([name, schema]) => `<h3 id="schema-${name}"><code>${name}</code></h3>${schemaHtml(schema)}`,
  );
  return [
    '<!doctype html><html lang="en"><head><meta charset="utf-8">',
    '<meta name="viewport" content="width=device-width, initial-scale=1">',
    `<title>${htmlText(document.info.title)}: HTTP API</title><style>${referenceStyle}</style></head><body>`,
    `<h1>${htmlText(document.info.title)}: HTTP API</h1><p>${htmlText(document.info.description ?? '')} `,
    'Errors are the schema <a href="#schema-Error">Error</a>; ',
    'the same for programs: <a href="openapi.json">openapi.json</a>.</p>',
    ...groups,
    '<h2>schemas</h2>',
    ...schemas,
    '</body></html>\n',
  ].join('');
}

function operationHtml(operation: DocumentedOperation): string {
  const { method, path, operationId = '', summary = '', description, requestBody, responses } = operation;
  return [
    `<details id="${operationId}"><summary><b class="${method}">${method}</b> <code>${htmlText(path)}</code> `,
    `<span>${htmlText(summary)}</span></summary>`,
    description === undefined ? '' : `<p>${htmlText(description)}</p>`,
    `<p>Access: ${accessText(operation)}.</p>`,
    parametersHtml((operation.parameters ?? []) as readonly OpenAPIV3_1.ParameterObject[]),
    requestBody === undefined || '$ref' in requestBody ? '' : `<h4>Body</h4>${contentHtml(requestBody.content)}`,
    '<h4>Answers</h4>',
    ...Object.entries(responses ?? {}).map(([status, response]) => responseHtml(status, response)),
    '</details>',
  ].join('');
}

function accessText({ security = [] }: DocumentedOperation): string {
  if (security.length === 0) return 'open';
  const schemes = security.flatMap((requirement) => Object.keys(requirement)).join(', ');
  const optional = security.some((requirement) => Object.keys(requirement).length === 0);
  return optional ? `as the settings say, with ${schemes} always` : schemes;
}

function parametersHtml(parameters: readonly OpenAPIV3_1.ParameterObject[]): string {
  if (parameters.length === 0) return '';
  const rows = parameters.map(({ name, in: place, required, description, schema = {} }) => {
    const note = [description, schemaNote(schema as Schema)].filter((part) => part).join('; ');
    return `<tr><td><code>${htmlText(name)}</code>${required ? '' : ' (optional)'}<td>${place}<td><code>${htmlText(
      schemaText(schema as Schema),
    )}</code><td>${htmlText(note)}`;
  });
  return `<h4>Parameters</h4><table>${rows.join('')}</table>`;
}

function responseHtml(status: string, response: OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject): string {
  if ('$ref' in response) return '';
  const text = `<p><b>${status}</b> ${htmlText(response.description)}</p>`;
  return Number(status) >= 400 ? text : text + contentHtml(response.content ?? {});
}

function contentHtml(content: OpenAPIV3_1.ResponseObject['content']): string {
  return Object.entries(content ?? {})
    .map(([type, { schema = {} }]) => `<p><code>${htmlText(type)}</code></p>${schemaHtml(schema as Schema)}`)
    .join('');
}

function schemaHtml(schema: Schema): string {
  return `<pre>${htmlText(schemaText(schema))}</pre>`;
}

function htmlText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
