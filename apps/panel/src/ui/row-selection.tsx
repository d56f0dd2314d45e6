import { useEffect, useRef } from 'react';

/** Rows that are chosen, to do something with all of them. */
export interface RowSelection<Row> {
  readonly chosen: ReadonlySet<string | number>;
  readonly onChoose: (chosen: ReadonlySet<string | number>) => void;
  /** What a row is called, for screen readers. */
  readonly nameOf: (row: Row) => string;
}

export interface RowCheckboxProps<Row> {
  readonly selection: RowSelection<Row>;
  readonly row: Row;
  readonly rowKey: string | number;
}

export function RowCheckbox<Row>({ selection: { chosen, onChoose, nameOf }, row, rowKey }: RowCheckboxProps<Row>) {
  return (
    <input
      type="checkbox"
      className="block size-4 accent-(--color-accent)"
      aria-label={`Select ${nameOf(row)}`}
      checked={chosen.has(rowKey)}
      onChange={({ target: { checked } }) => {
        const next = new Set(chosen);
        if (checked) next.add(rowKey);
        else next.delete(rowKey);
        onChoose(next);
      }}
    />
  );
}

export interface AllCheckboxProps<Row> {
  readonly selection: RowSelection<Row>;
  /** Of every row of the table, in view or not. */
  readonly keys: readonly (string | number)[];
}

/** Chooses every row, or none. */
export function AllCheckbox<Row>({ selection: { chosen, onChoose }, keys }: AllCheckboxProps<Row>) {
  const box = useRef<HTMLInputElement>(null);
  const count = keys.filter((key) => chosen.has(key)).length;
  const isAll = count > 0 && count === keys.length;
  useEffect(() => {
    if (box.current !== null) box.current.indeterminate = count > 0 && !isAll;
  }, [count, isAll]);
  return (
    <input
      ref={box}
      type="checkbox"
      className="block size-4 accent-(--color-accent)"
      aria-label="Select all"
      checked={isAll}
      onChange={() => onChoose(new Set(isAll ? [] : keys))}
    />
  );
}
