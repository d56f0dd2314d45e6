import type { OpenAPIV3_1 } from 'openapi-types';

export type Schema = OpenAPIV3_1.SchemaObject | OpenAPIV3_1.ReferenceObject;

/** A schema as a reader of TypeScript would write it, with its descriptions and bounds as comments. */
export function schemaText(schema: Schema, indent = ''): string {
  if ('$ref' in schema) return schema.$ref.split('/').at(-1) ?? 'unknown';
  const { type, enum: values, anyOf, items } = schema as OpenAPIV3_1.SchemaObject & { items?: Schema };
  if ('const' in schema) return JSON.stringify(schema.const);
  if (values !== undefined) return values.map((value) => JSON.stringify(value)).join(' | ');
  const alternatives = anyOf ?? schema.oneOf;
  if (alternatives !== undefined) return alternatives.map((each) => schemaText(each, indent)).join(' | ');
  if (Array.isArray(type)) return type.join(' | ');
  if (type === 'array') return items === undefined ? 'unknown[]' : arrayText(schemaText(items, indent));
  if (type === 'object') return objectText(schema, indent);
  return type ?? 'unknown';
}

/** What a schema says beyond its type: bounds, format, default, description. */
export function schemaNote(schema: Schema): string {
  if ('$ref' in schema) return schema.description ?? '';
  const { format, minimum, maximum, minLength, maxLength, maxItems, default: value, description } = schema;
  return [
    description,
    format,
    boundsNote(minimum, maximum),
    maxLength === undefined ? undefined : `${minLength ?? 0} to ${maxLength} characters`,
    maxItems === undefined ? undefined : `at most ${maxItems}`,
    value === undefined ? undefined : `default ${JSON.stringify(value)}`,
  ]
    .filter((part) => part !== undefined)
    .join('; ');
}

function boundsNote(minimum: number | undefined, maximum: number | undefined): string | undefined {
  if (maximum === undefined) return minimum === undefined ? undefined : `at least ${minimum}`;
  return minimum === undefined ? `at most ${maximum}` : `${minimum} to ${maximum}`;
}

function arrayText(item: string): string {
  return /[ |{]/.test(item) ? `Array<${item}>` : `${item}[]`;
}

function objectText(schema: OpenAPIV3_1.SchemaObject, indent: string): string {
  const { properties = {}, required = [], additionalProperties } = schema;
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(([name, field]) => {
    const note = schemaNote(field);
    const mark = required.includes(name) ? '' : '?';
    return `${inner}${name}${mark}: ${schemaText(field, inner)};${note === '' ? '' : ` // ${note}`}`;
  });
  if (typeof additionalProperties === 'object' && Object.keys(additionalProperties).length > 0) {
    fields.push(`${inner}[name: string]: ${schemaText(additionalProperties, inner)};`);
  }
  return fields.length === 0 ? 'object' : `{\n${fields.join('\n')}\n${indent}}`;
}
