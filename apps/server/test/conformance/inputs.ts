import fc, { type Arbitrary } from 'fast-check';
import type { OpenAPIV3_1 } from 'openapi-types';
import type { OpenApiDocument } from '../../src/openapi/finish-document.ts';
import type { DocumentedOperation } from '../../src/openapi/operations.ts';
import type { Sent } from './send.ts';

type Schema = OpenAPIV3_1.SchemaObject & { const?: unknown };

/** Texts that have broken servers before. */
const nastyText = fc.oneof(
  fc.constantFrom(
    '',
    '0',
    '-1',
    'null',
    'NaN',
    '1e400',
    '__proto__',
    'constructor',
    '../../etc/passwd',
    '%00',
    '🎬',
    'ä\u0301',
    "' OR 1=1",
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
  fc.string({ unit: 'binary', maxLength: 20 }),
  fc.nat(3_000).map((length) => 'x'.repeat(length)),
);

/** Makes requests for operations of a document, most of them wrong somewhere. */
export class Inputs {
  readonly #document: OpenApiDocument;
  readonly #names: readonly string[];

  /** @param names values that exist, for parameters in paths */
  constructor(document: OpenApiDocument, names: readonly string[]) {
    this.#document = document;
    this.#names = names;
  }

  requestFor(operation: DocumentedOperation): Arbitrary<Sent> {
    const parameters = (operation.parameters ?? []) as OpenAPIV3_1.ParameterObject[];
    const query = parameters.filter((each) => each.in === 'query').map((each) => this.#pair(each));
    const [contentType, media] = Object.entries(bodyOf(operation) ?? {})[0] ?? [];
    return fc
      .record({
        prefix: fc.constantFrom('', '/api/v1'),
        path: this.#path(operation.path),
        query: fc.tuple(...query).map((pairs) => pairs.flat()),
        body: contentType === undefined ? fc.constant(undefined) : this.#body(media?.schema as Schema),
        type: fc.oneof(
          { weight: 9, arbitrary: fc.constant(contentType) },
          { weight: 1, arbitrary: fc.constant('text/plain') },
        ),
      })
      .map(({ prefix, path, query: pairs, body, type }) => ({
        method: operation.method,
        path: `${path.replace(/^\/api\/v1/, prefix)}${pairs.length === 0 ? '' : `?${pairs.join('&')}`}`,
        headers: body === undefined || type === undefined ? {} : { 'content-type': type },
        body,
      }));
  }

  #path(template: string): Arbitrary<string> {
    const names = [...template.matchAll(/\{\w+\}/g)].map(([name]) => name);
    const values = fc.array(
      fc.oneof(
        fc.constantFrom(...this.#names),
        nastyText.filter((text) => text !== ''),
      ),
      {
        minLength: names.length,
        maxLength: names.length,
      },
    );
    return values.map((chosen) =>
      chosen.reduce((path, value) => path.replace(/\{\w+\}/, () => encode(value)), template),
    );
  }

  /** A parameter: absent, valid, nonsense, or twice. */
  #pair({ name, schema }: OpenAPIV3_1.ParameterObject): Arbitrary<readonly string[]> {
    const valid = this.#value(schema as Schema).map(String);
    const pair = (value: string): string => `${encode(name)}=${encode(value)}`;
    return fc.oneof(
      fc.constant([]),
      valid.map((value) => [pair(value)]),
      nastyText.map((value) => [pair(value)]),
      fc.tuple(valid, nastyText).map((both) => both.map(pair)),
      fc.constant([name]),
    );
  }

  #body(schema: Schema | undefined): Arbitrary<string | undefined> {
    return fc.oneof(
      { weight: 5, arbitrary: this.#value(schema ?? {}).map((value) => JSON.stringify(value)) },
      { weight: 2, arbitrary: fc.json({ maxDepth: 3 }) },
      { weight: 1, arbitrary: nastyText },
      { weight: 1, arbitrary: fc.constantFrom('{', '[]', '{"a":1e400}', '{"__proto__":{"x":1}}', undefined) },
    );
  }

  #value(schema: Schema | OpenAPIV3_1.ReferenceObject, depth = 0): Arbitrary<unknown> {
    if ('$ref' in schema) return this.#value(this.#resolve(schema.$ref), depth);
    if ('const' in schema) return fc.constant(schema.const);
    if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
    const alternatives = schema.anyOf ?? schema.oneOf;
    if (alternatives !== undefined) return fc.oneof(...alternatives.map((each) => this.#value(each, depth)));
    const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
    switch (type) {
      case 'string':
        return schema.format === 'date-time'
          ? fc.date({ noInvalidDate: true, min: new Date(0), max: new Date('2100') }).map((date) => date.toISOString())
          : fc.oneof(fc.constantFrom(...this.#names), nastyText);
      case 'integer':
        return fc.integer({ min: schema.minimum ?? -5, max: Math.min(schema.maximum ?? 100_000, 100_000_000) });
      case 'number':
        return fc.double({ min: schema.minimum ?? -1e6, max: schema.maximum ?? 1e6, noNaN: true });
      case 'boolean':
        return fc.boolean();
      case 'array':
        return fc.array(this.#value(('items' in schema && schema.items) || {}, depth + 1), { maxLength: 5 });
      case 'object':
        return depth > 4 ? fc.constant({}) : this.#object(schema, depth);
      default:
        return fc.jsonValue({ maxDepth: 2 });
    }
  }

  #object({ properties = {}, required = [] }: Schema, depth: number): Arbitrary<unknown> {
    const fields = Object.entries(properties).map(([name, field]) => [name, this.#value(field, depth + 1)] as const);
    return fc.record(Object.fromEntries(fields), { requiredKeys: required.filter((name) => name in properties) });
  }

  #resolve(reference: string): Schema {
    return (this.#document.components?.schemas?.[reference.split('/').at(-1) ?? ''] ?? {}) as Schema;
  }
}

export function bodyOf({ requestBody }: DocumentedOperation): OpenAPIV3_1.RequestBodyObject['content'] | undefined {
  return requestBody === undefined || '$ref' in requestBody ? undefined : requestBody.content;
}

/** As encodeURIComponent, which throws on lone surrogates. */
function encode(text: string): string {
  return encodeURIComponent(text.toWellFormed());
}
