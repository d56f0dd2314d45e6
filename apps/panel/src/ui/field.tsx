import { clsx } from 'clsx';
import { type ComponentProps, type ReactNode, useId } from 'react';

const inputClass =
  'h-9 min-w-0 rounded-lg border border-line-strong/70 bg-surface px-3 text-base text-text aria-invalid:border-bad disabled:opacity-60';

export interface FieldProps {
  readonly label: ReactNode;
  readonly hint?: ReactNode;
  readonly error?: string | undefined;
  readonly className?: string;
  /** Gets what ties the control to its label, hint and error. */
  readonly children: (control: {
    readonly id: string;
    readonly 'aria-describedby': string;
    readonly 'aria-invalid': boolean;
  }) => ReactNode;
}

/** A control with its label, and with what is wrong with its value, which is read out when it comes. */
export function Field({ label, hint, error, className, children }: FieldProps) {
  const id = useId();
  return (
    <div className={className}>
      <label htmlFor={id} className="mb-1 block text-sm font-medium">
        {label}
      </label>
      {children({ id, 'aria-describedby': `${id}-text`, 'aria-invalid': error !== undefined })}
      <p
        id={`${id}-text`}
        aria-live="polite"
        className={clsx('mt-1 text-xs empty:hidden', error === undefined ? 'text-muted' : 'text-bad')}
      >
        {error ?? hint}
      </p>
    </div>
  );
}

export function Input({ className, ...rest }: ComponentProps<'input'>) {
  return <input className={clsx(inputClass, className ?? 'w-full')} {...rest} />;
}

export interface SelectProps extends Omit<ComponentProps<'select'>, 'onChange'> {
  readonly options: readonly (readonly [value: string, label: string])[];
  readonly onValue: (value: string) => void;
}

/** The browser's own list: the best one there is on a phone. */
export function Select({ options, onValue, className, ...rest }: SelectProps) {
  return (
    <select
      className={clsx(inputClass, 'pr-7', className ?? 'w-full')}
      onChange={(event) => onValue(event.target.value)}
      {...rest}
    >
      {options.map(([value, label]) => (
        <option key={value} value={value}>
          {label}
        </option>
      ))}
    </select>
  );
}

export function TextArea({ className, ...rest }: ComponentProps<'textarea'>) {
  return (
    <textarea
      className={clsx(
        'block w-full rounded-lg border border-line-strong/70 bg-surface px-3 py-2 font-mono text-sm text-text aria-invalid:border-bad disabled:opacity-60',
        className,
      )}
      autoComplete="off"
      spellCheck={false}
      {...rest}
    />
  );
}

export interface CheckboxProps {
  readonly label: ReactNode;
  readonly hint?: string;
  readonly checked: boolean;
  readonly onChecked: (checked: boolean) => void;
  readonly className?: string;
}

export function Checkbox({ label, hint, checked, onChecked, className }: CheckboxProps) {
  const id = useId();
  return (
    <div className="flex items-start gap-2.5">
      <input
        id={id}
        type="checkbox"
        className="mt-0.5 size-4 accent-(--color-accent)"
        aria-describedby={hint === undefined ? undefined : `${id}-hint`}
        checked={checked}
        onChange={(event) => onChecked(event.target.checked)}
      />
      <div>
        <label htmlFor={id} className={clsx('text-base', className)}>
          {label}
        </label>
        {hint !== undefined && (
          <p id={`${id}-hint`} className="text-xs text-muted">
            {hint}.
          </p>
        )}
      </div>
    </div>
  );
}
