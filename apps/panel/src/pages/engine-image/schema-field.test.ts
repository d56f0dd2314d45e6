import { readFile } from 'node:fs/promises';
import { describe, expect, it } from 'vitest';
import { fieldsOf, type JsonSchema, readField, type SchemaField, textOf } from './schema-field.ts';

const document = JSON.parse(
  await readFile(new URL('../../../../server/openapi.json', import.meta.url), 'utf8'),
) as Record<'paths', Record<string, { post: { requestBody: { content: Record<string, { schema: JsonSchema }> } } }>>;
const { schema } = document.paths['/api/v1/custom-variant/config']!.post.requestBody.content['application/json']!;
const fields = fieldsOf(schema);
const field = (name: string): SchemaField => fields.find((each) => each.name === name)!;

describe('the fields of the custom image', () => {
  it('are what the server describes, each with a control and a text', () => {
    expect(fields.map(({ name, kind, nullable }) => [name, kind, nullable])).toEqual([
      ['enabled', 'switch', false],
      ['image', 'text', false],
      ['platform', 'text', true],
      ['command', 'lines', false],
      ['env', 'pairs', false],
      ['parameters', 'rows', false],
      ['memory_limit', 'text', true],
    ]);
    expect(fields.filter(({ text }) => text === '')).toEqual([]);
    expect(field('platform').text).toBe('Such as linux/arm64; nothing for the daemon’s own');
    expect(field('image').bounds).toBe('0 to 500 characters');
    expect(fieldsOf(schema.properties!['parameters']!.items!).map(({ name, kind }) => [name, kind])).toEqual([
      ['name', 'text'],
      ['type', 'choice'],
      ['value', 'text'],
      ['enabled', 'switch'],
    ]);
  });

  it.each([
    ['platform', ' linux/arm64 ', 'linux/arm64'],
    ['platform', '', null],
    ['image', '', ''],
    ['command', '/start\n\n  {flags}\n', ['/start', '  {flags}']],
    ['env', 'A=1\nB_2=x=y\nEMPTY=', { A: '1', B_2: 'x=y', EMPTY: '' }],
  ])('%s: %j is read', (name, text, value) => {
    expect(readField(field(name), text)).toEqual({ value });
  });

  it.each([
    ['platform', 'x'.repeat(51), 'At most 50 characters.'],
    ['command', 'a\n'.repeat(201), 'At most 200 lines.'],
    ['env', 'no pair', '“no pair” is not NAME=value.'],
    ['env', '1A=x', '“1A” cannot be a name.'],
    ['env', 'A=1\nA=2', 'A is there twice.'],
  ])('%s: what does not fit is said', (name, text, fault) => {
    expect(readField(field(name), text)).toEqual({ fault });
  });

  it('shows a value as the text that is read as it', () => {
    for (const [name, value] of [
      ['command', ['a b', '{flags}']],
      ['env', { A: '1=2', B: '' }],
      ['memory_limit', null],
      ['image', 'x:1'],
    ] as const) {
      expect(readField(field(name), textOf(field(name), value))).toEqual({ value });
    }
  });
});
