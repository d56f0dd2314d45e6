/** The part of JSON Schema in which the server describes what can be set. */
export interface JsonSchema {
  readonly type?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly enum?: readonly string[];
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly maxItems?: number;
  readonly pattern?: string;
  readonly anyOf?: readonly JsonSchema[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly propertyNames?: JsonSchema;
  readonly additionalProperties?: JsonSchema;
}

export type FieldKind = 'switch' | 'text' | 'choice' | 'lines' | 'pairs' | 'rows';

/** A field of a form, as its schema describes it. */
export interface SchemaField {
  readonly name: string;
  readonly kind: FieldKind;
  /** Nothing typed means null. */
  readonly nullable: boolean;
  /** What it is, for people. */
  readonly text: string;
  /** What fits, for people. */
  readonly bounds: string;
  readonly schema: JsonSchema;
}

/** The fields of an object's schema, in its order. What this form has no control for is left out. */
export function fieldsOf({ properties = {} }: JsonSchema): SchemaField[] {
  return Object.entries(properties).flatMap(([name, described]) => {
    const nullable = described.anyOf?.some(({ type }) => type === 'null') ?? false;
    const { anyOf: _variants, ...own } = described;
    const schema = nullable ? { ...described.anyOf?.find(({ type }) => type !== 'null'), ...own } : described;
    const kind = kindOf(schema);
    if (kind === undefined) return [];
    // In the form nothing typed is what null is in the API.
    const text = (described.description ?? '').replace(/\bnull\b/, 'nothing');
    return [{ name, kind, nullable, text, bounds: boundsOf(schema, kind), schema }];
  });
}

function kindOf({ type, items, additionalProperties, enum: choices, anyOf }: JsonSchema): FieldKind | undefined {
  if (type === 'boolean') return 'switch';
  if (type === 'string') return choices === undefined ? 'text' : 'choice';
  if (type === 'array') return items?.type === 'object' ? 'rows' : 'lines';
  if (type === 'object' && additionalProperties !== undefined) return 'pairs';
  return anyOf?.some((each) => each.type === 'string') ? 'text' : undefined;
}

function boundsOf(
  { maxLength, minLength, maxItems, items, additionalProperties }: JsonSchema,
  kind: FieldKind,
): string {
  switch (kind) {
    case 'text':
      return maxLength === undefined ? '' : `${minLength ?? 0} to ${maxLength.toLocaleString('en')} characters`;
    case 'lines':
      return `One a line; at most ${maxItems} lines of ${items?.maxLength?.toLocaleString('en')} characters`;
    case 'pairs':
      return `NAME=value, one a line; at most ${additionalProperties?.maxLength?.toLocaleString('en')} characters each`;
    case 'rows':
      return `At most ${maxItems}`;
    default:
      return '';
  }
}

export type Read = { readonly value: unknown } | { readonly fault: string };

/** The value that a text of a field stands for, or what is wrong with it. */
export function readField({ kind, nullable, schema }: SchemaField, text: string): Read {
  switch (kind) {
    case 'lines':
      return readLines(schema, text);
    case 'pairs':
      return readPairs(schema, text);
    default: {
      const trimmed = text.trim();
      if (trimmed === '' && nullable) return { value: null };
      const fault = lengthFault(schema, trimmed);
      return fault === undefined ? { value: trimmed } : { fault };
    }
  }
}

/** The text of a field for a value: what {@link readField} reads as that value. */
export function textOf({ kind }: SchemaField, value: unknown): string {
  if (value === null || value === undefined) return '';
  if (kind === 'lines') return (value as readonly string[]).join('\n');
  if (kind === 'pairs') {
    return Object.entries(value as Record<string, string>)
      .map(([name, each]) => `${name}=${each}`)
      .join('\n');
  }
  return String(value);
}

function readLines({ maxItems = Number.POSITIVE_INFINITY, items = {} }: JsonSchema, text: string): Read {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length > maxItems) return { fault: `At most ${maxItems} lines.` };
  const fault = lines.map((line) => lengthFault(items, line)).find((each) => each !== undefined);
  return fault === undefined ? { value: lines } : { fault };
}

function readPairs({ propertyNames, additionalProperties = {} }: JsonSchema, text: string): Read {
  const value: Record<string, string> = {};
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const at = line.indexOf('=');
    const name = line.slice(0, Math.max(0, at)).trim();
    if (at < 0) return { fault: `“${line}” is not NAME=value.` };
    if (propertyNames?.pattern !== undefined && !new RegExp(propertyNames.pattern).test(name)) {
      return { fault: `“${name}” cannot be a name.` };
    }
    if (Object.hasOwn(value, name)) return { fault: `${name} is there twice.` };
    const fault = lengthFault(additionalProperties, line.slice(at + 1));
    if (fault !== undefined) return { fault };
    Object.defineProperty(value, name, { value: line.slice(at + 1), enumerable: true });
  }
  return { value };
}

function lengthFault(
  { minLength = 0, maxLength = Number.POSITIVE_INFINITY }: JsonSchema,
  text: string,
): string | undefined {
  if (text.length < minLength) return `At least ${minLength} characters.`;
  return text.length > maxLength ? `At most ${maxLength.toLocaleString('en')} characters.` : undefined;
}
