import { useQueryClient } from '@tanstack/react-query';
import { type FormEvent, useState } from 'react';
import { problemText } from '../../api/api-problem.ts';
import { api, body } from '../../api/client.ts';
import type { CustomVariant } from '../../api/types.ts';
import { ActionBar } from '../../ui/action-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Checkbox, Field, Input, TextArea } from '../../ui/field.tsx';
import { toast } from '../../ui/toaster.tsx';
import { fieldTitle } from './field-title.ts';
import { ParameterRows } from './parameter-rows.tsx';
import { fieldsOf, readField, type SchemaField, textOf } from './schema-field.ts';

export interface VariantFormProps {
  readonly fields: readonly SchemaField[];
  readonly saved: CustomVariant;
}

type Draft = Readonly<Record<string, unknown>>;

/** What engines are made from, field by field as the server describes it. All of it holds, or nothing. */
export function VariantForm({ fields, saved }: VariantFormProps) {
  const queries = useQueryClient();
  const [draft, setDraft] = useState<Draft>(() => draftOf(fields, saved));
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const read = readDraft(fields, draft);
  const isChanged = JSON.stringify(draft) !== JSON.stringify(draftOf(fields, saved));
  const edit = (name: string, value: unknown): void => {
    setDraft({ ...draft, [name]: value });
    setProblem(undefined);
  };
  const save = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await body(api.POST('/api/v1/custom-variant/config', { body: read.values as CustomVariant }));
      toast('Saved. Engines that run are replaced one at a time.');
      await queries.invalidateQueries();
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <form onSubmit={(event) => void save(event)} className="space-y-5">
      <Card>
        <div className="space-y-5">
          {fields.map((field) => (
            <VariantField
              key={field.name}
              field={field}
              value={draft[field.name]}
              fault={read.faults.get(field.name)}
              onEdit={(value) => edit(field.name, value)}
            />
          ))}
        </div>
      </Card>
      {isChanged && (
        <ActionBar
          label="Changes"
          alert={problem !== undefined}
          text={
            problem !== undefined ? (
              <span className="text-bad">{problem}</span>
            ) : read.faults.size > 0 ? (
              <span className="text-bad">It cannot be saved like this.</span>
            ) : (
              'Changed, not saved yet. Engines that run will be replaced one at a time.'
            )
          }
        >
          <Button onClick={() => setDraft(draftOf(fields, saved))} disabled={busy}>
            Discard
          </Button>
          <Button type="submit" variant="primary" disabled={busy || read.faults.size > 0}>
            {busy ? 'Saving…' : 'Save'}
          </Button>
        </ActionBar>
      )}
    </form>
  );
}

interface VariantFieldProps {
  readonly field: SchemaField;
  readonly value: unknown;
  readonly fault: string | undefined;
  readonly onEdit: (value: unknown) => void;
}

function VariantField({ field, value, fault, onEdit }: VariantFieldProps) {
  const title = fieldTitle(field.name);
  if (field.kind === 'switch') {
    return (
      <Checkbox checked={value === true} onChecked={onEdit} label={title} hint={field.text} className="font-medium" />
    );
  }
  if (field.kind === 'rows') {
    return (
      <ParameterRows
        field={field}
        title={title}
        rows={value as CustomVariant['parameters']}
        onRows={onEdit}
        fault={fault}
      />
    );
  }
  const hint = [field.text, field.bounds].filter((part) => part !== '').join('. ');
  return (
    <Field label={title} hint={`${hint}.`} error={fault}>
      {(control) =>
        field.kind === 'text' ? (
          <Input
            {...control}
            className="w-full max-w-xl font-mono"
            autoComplete="off"
            spellCheck={false}
            value={value as string}
            onChange={(event) => onEdit(event.target.value)}
          />
        ) : (
          <TextArea
            {...control}
            rows={Math.min(12, Math.max(3, (value as string).split('\n').length + 1))}
            value={value as string}
            onChange={(event) => onEdit(event.target.value)}
          />
        )
      }
    </Field>
  );
}

/** What the controls hold: texts, except for switches and rows. */
function draftOf(fields: readonly SchemaField[], saved: CustomVariant): Draft {
  return Object.fromEntries(
    fields.map((field) => {
      const value = saved[field.name as keyof CustomVariant];
      return [field.name, field.kind === 'switch' || field.kind === 'rows' ? value : textOf(field, value)];
    }),
  );
}

function readDraft(
  fields: readonly SchemaField[],
  draft: Draft,
): { readonly values: Draft; readonly faults: ReadonlyMap<string, string> } {
  const values: Record<string, unknown> = {};
  const faults = new Map<string, string>();
  for (const field of fields) {
    const held = draft[field.name];
    if (field.kind === 'switch') values[field.name] = held;
    else if (field.kind === 'rows') {
      values[field.name] = held;
      const fault = rowsFault(field, held as CustomVariant['parameters']);
      if (fault !== undefined) faults.set(field.name, fault);
    } else {
      const read = readField(field, held as string);
      if ('fault' in read) faults.set(field.name, read.fault);
      else values[field.name] = read.value;
    }
  }
  if (values['enabled'] === true && values['image'] === '') faults.set('image', 'An image is needed.');
  return { values, faults };
}

function rowsFault(field: SchemaField, rows: CustomVariant['parameters']): string | undefined {
  const { maxItems = Number.POSITIVE_INFINITY, items = {} } = field.schema;
  if (rows.length > maxItems) return `At most ${maxItems}.`;
  const named = fieldsOf(items).find(({ name }) => name === 'name');
  for (const row of rows) {
    const read = named === undefined ? { value: row.name } : readField(named, row.name);
    if ('fault' in read) return `The name “${row.name}” does not fit. ${read.fault}`;
  }
  return undefined;
}
