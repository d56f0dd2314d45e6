import type { OpenAPIV3_1 } from 'openapi-types';
import type { OpenApiDocument } from './finish-document.ts';
import { type DocumentedOperation, operationsOf } from './operations.ts';
import { type Schema, schemaNote, schemaText } from './schema-text.ts';

type Content = OpenAPIV3_1.ResponseObject['content'];

/** What is said of every route by the page's introduction, and not again at each of them. */
const generalStatuses = new Set(['401', '403', '413', '415', '429']);

/**
 * The document's routes and types as sections of a Markdown page: a route per heading, by tag, with who may call it,
 * parameters, answers and the codes of errors; then the types that answers refer to.
 */
export function referenceMarkdown(document: OpenApiDocument): string {
  const operations = operationsOf(document);
  const groups = (document.tags ?? []).flatMap(({ name, description = '' }) => {
    const members = operations.filter(({ tags }) => tags?.includes(name));
    return members.length === 0
      ? []
      : [`## ${capitalised(name)}`, prose(description), ...members.flatMap(operationBlocks)];
  });
  const types = Object.entries(document.components?.schemas ?? {}).flatMap(([name, schema]) => [
    `### ${name}`,
    schemaBlock(schema),
  ]);
  return [...groups, '## Types', 'What answers and bodies are made of, as TypeScript writes it.', ...types].join(
    '\n\n',
  );
}

function operationBlocks(operation: DocumentedOperation): string[] {
  const { method, path, summary = '', description, requestBody, parameters = [], responses = {} } = operation;
  const answers = Object.entries(responses);
  return [
    `### \`${method} ${path}\``,
    [summary, description ?? []].flat().map(sentence).join(' '),
    `Access: ${code(accessOf(operation))}.`,
    ...parametersBlocks(parameters as readonly OpenAPIV3_1.ParameterObject[]),
    ...(requestBody === undefined || '$ref' in requestBody ? [] : contentBlocks('Body', requestBody.content)),
    ...answers.flatMap(([status, answer]) => (isError(status) ? [] : answerBlocks(status, answer))),
    ...errorsBlocks(answers.filter(([status]) => isError(status) && !generalStatuses.has(status))),
  ];
}

function parametersBlocks(parameters: readonly OpenAPIV3_1.ParameterObject[]): string[] {
  if (parameters.length === 0) return [];
  const pathFirst = parameters.toSorted((one, other) => Number(other.in === 'path') - Number(one.in === 'path'));
  const rows = pathFirst.map(({ name, in: place, required, description, schema = {} }) => {
    const { description: _, ...bounds } = schema as OpenAPIV3_1.SchemaObject;
    const notes = [description, schemaNote(bounds as Schema)].filter((note) => note);
    return [
      code(name),
      required ? `${place}, required` : place,
      code(schemaText(schema as Schema)),
      prose(notes.join('; ')),
    ];
  });
  return [tableText(['parameter', 'in', 'type', ''], rows)];
}

function answerBlocks(status: string, answer: OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject): string[] {
  if ('$ref' in answer) return [];
  const { description, content } = answer;
  const said = description === 'Done' ? '' : `: ${prose(description)}`;
  return content === undefined
    ? [`Answer ${code(status)}${said}.`]
    : contentBlocks(`Answer ${code(status)}${said}`, content);
}

function contentBlocks(title: string, content: Content): string[] {
  return Object.entries(content ?? {}).flatMap(([type, { schema = {} }]) => {
    const text = schemaText(schema as Schema);
    const named = type === 'application/json' ? title : `${title}, ${code(type)}`;
    if (text.includes('\n')) return [`${named}:`, schemaBlock(schema as Schema)];
    return [text === 'string' || text === 'unknown' ? `${named}.` : `${named}: ${typeLink(text)}.`];
  });
}

/** A short type; one of those at the end of the page leads there. */
function typeLink(text: string): string {
  const name = /^([A-Z]\w+)(\[\])?$/.exec(text)?.[1];
  return name === undefined ? code(text) : `[${code(text)}](#${name.toLowerCase()})`;
}

function errorsBlocks(
  errors: readonly (readonly [string, OpenAPIV3_1.ResponseObject | OpenAPIV3_1.ReferenceObject])[],
): string[] {
  const told = errors.map(([status, answer]) => {
    const codes = 'description' in answer ? (answer.description ?? '') : '';
    return `${status} ${codes.split(', ').map(code).join(', ')}`;
  });
  return told.length === 0 ? [] : [`Errors: ${told.join('; ')}.`];
}

/** The areas of the page's introduction. Which of the settings rules what is read, the document does not say. */
function accessOf({ security = [] }: DocumentedOperation): string {
  if (security.length === 0) return 'open';
  if (security.some((requirement) => 'token' in requirement)) return 'playback';
  return security.some((requirement) => Object.keys(requirement).length === 0) ? 'read' : 'key';
}

function isError(status: string): boolean {
  return Number(status) >= 400;
}

function schemaBlock(schema: Schema): string {
  return `\`\`\`ts\n${schemaText(schema)}\n\`\`\``;
}

/** Columns as wide as their widest cell: read as text as well. */
function tableText(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = head.map((_, column) => Math.max(3, ...[head, ...rows].map((cells) => cells[column]!.length)));
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

/** Code in a table: GitHub wants bars escaped there, in code as well. */
function code(text: string): string {
  return `\`${text.replaceAll('|', '\\|').replace(/\s+/g, ' ')}\``;
}

function sentence(text: string): string {
  return prose(/[.!?]$/.test(text) ? text : `${text}.`);
}

/** Text as it is, neither tags nor columns nor braces of a template in it. */
function prose(text: string): string {
  return text.replaceAll('<', '&lt;').replaceAll('|', '\\|').replaceAll('{{', '&#123;{');
}

function capitalised(word: string): string {
  return word.slice(0, 1).toUpperCase() + word.slice(1);
}
