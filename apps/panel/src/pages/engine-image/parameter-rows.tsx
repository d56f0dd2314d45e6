import { Plus, Trash2 } from 'lucide-react';
import { useId } from 'react';
import type { CustomVariant } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { fieldTitle } from './field-title.ts';
import { fieldsOf, type SchemaField } from './schema-field.ts';

type Parameter = CustomVariant['parameters'][number];

export interface ParameterRowsProps {
  readonly field: SchemaField;
  readonly title: string;
  readonly rows: readonly Parameter[];
  readonly onRows: (rows: readonly Parameter[]) => void;
  readonly fault: string | undefined;
}

/** Flags of the engine, one a row. */
export function ParameterRows({ field, title, rows, onRows, fault }: ParameterRowsProps) {
  const id = useId();
  const columns = fieldsOf(field.schema.items ?? {});
  const set = (index: number, part: Partial<Parameter>): void =>
    onRows(rows.map((row, at) => (at === index ? { ...row, ...part } : row)));
  const isFull = rows.length >= (field.schema.maxItems ?? Number.POSITIVE_INFINITY);
  return (
    <div role="group" aria-labelledby={id}>
      <p id={id} className="text-sm font-medium">
        {title}
      </p>
      <p className={fault === undefined ? 'mb-2 text-xs text-muted' : 'mb-2 text-xs text-bad'}>
        {fault ?? `${field.text}. ${field.bounds}.`}
      </p>
      <ul className="space-y-2">
        {rows.map((row, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other identity, and keep their places
          <li key={index} className="flex flex-wrap items-center gap-2">
            {columns.map((column) => (
              <Cell
                key={column.name}
                column={column}
                label={`${fieldTitle(column.name)} of parameter ${index + 1}`}
                row={row}
                onEdit={(part) => set(index, part)}
              />
            ))}
            <Button
              variant="ghost"
              size="iconSm"
              aria-label={`Remove parameter ${index + 1}`}
              title="Remove"
              onClick={() => onRows(rows.filter((_, at) => at !== index))}
            >
              <Trash2 />
            </Button>
          </li>
        ))}
      </ul>
      <Button
        size="sm"
        className="mt-2"
        disabled={isFull}
        onClick={() => onRows([...rows, { name: '--', type: 'string', value: '', enabled: true }])}
      >
        <Plus /> Add a parameter
      </Button>
    </div>
  );
}

interface CellProps {
  readonly column: SchemaField;
  readonly label: string;
  readonly row: Parameter;
  readonly onEdit: (part: Partial<Parameter>) => void;
}

function Cell({ column, label, row, onEdit }: CellProps) {
  const held = row[column.name as keyof Parameter];
  const title = [column.text, column.bounds].filter((part) => part !== '').join('. ');
  if (column.kind === 'switch') {
    return (
      <label className="flex items-center gap-1.5 text-sm text-muted" title={title}>
        <input
          type="checkbox"
          className="size-4 accent-(--color-accent)"
          aria-label={label}
          checked={held === true}
          onChange={(event) => onEdit({ [column.name]: event.target.checked })}
        />
        used
      </label>
    );
  }
  if (column.kind === 'choice') {
    return (
      <Select
        className="w-28"
        aria-label={label}
        title={title}
        value={String(held)}
        onValue={(type) => onEdit({ [column.name]: type, value: type === 'flag' ? true : '' })}
        options={(column.schema.enum ?? []).map((choice) => [choice, choice] as const)}
      />
    );
  }
  // A flag has no value of its own: it is there, or is not used.
  if (column.name === 'value' && row.type === 'flag') return <span className="flex-1" />;
  return (
    <Input
      className="min-w-36 flex-1 font-mono text-sm"
      aria-label={label}
      title={title}
      placeholder={column.name === 'value' ? valueHints[row.type] : undefined}
      autoComplete="off"
      spellCheck={false}
      value={String(held)}
      onChange={(event) => onEdit({ [column.name]: event.target.value })}
    />
  );
}

const valueHints: Readonly<Record<Parameter['type'], string>> = {
  flag: '',
  string: 'text',
  int: 'whole number',
  bytes: 'size, such as 200MB',
  path: '/path/in/the/container',
};
