import { Lock, RotateCcw, Undo2 } from 'lucide-react';
import { useId } from 'react';
import type { SettingDescription } from '../../api/types.ts';
import { Badge } from '../../ui/badge.tsx';
import { Button } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { isSameValue, readableTime, textOfValue } from './setting-value.ts';

export interface SettingRowProps {
  readonly setting: SettingDescription;
  /** What was typed and is not saved; undefined for nothing. */
  readonly draft: string | undefined;
  readonly fault: string | undefined;
  readonly onEdit: (text: string | undefined) => void;
}

/** A setting: what it is for, its field, its bounds, where its value comes from. */
export function SettingRow({ setting, draft, fault, onEdit }: SettingRowProps) {
  const id = useId();
  const { name, text, kind, unit, value, active, changes, locked, source, choices, shape } = setting;
  const isDefault = source === 'default' && draft === undefined;
  const waits = !isSameValue(value, active) && kind !== 'secret';
  const shown = draft ?? textOfValue(value);
  const time = readableTime(unit, shown);
  const control = {
    id,
    'aria-describedby': `${id}-text ${id}-hint`,
    'aria-invalid': fault !== undefined,
    disabled: locked,
    value: shown,
  };
  return (
    <li className="grid gap-x-6 gap-y-2 px-4 py-3.5 md:grid-cols-[minmax(0,1fr)_19rem]">
      <div className="min-w-0">
        <div className="flex flex-wrap items-center gap-2">
          <label htmlFor={id} className="font-mono text-sm font-medium wrap-anywhere">
            {name}
          </label>
          {draft !== undefined && <Badge tone="accent">changed</Badge>}
          {waits && (
            <Badge tone="warn" title={`In effect now: ${textOfValue(active) || 'nothing'}`}>
              waits for a restart
            </Badge>
          )}
          {changes === 'restart' && !waits && <Badge>needs a restart</Badge>}
          {locked && (
            <Badge title="It is set in the environment, which has the last word">
              <Lock className="size-3" aria-hidden="true" />{' '}
              {source === 'environment' ? 'set in the environment' : 'environment only'}
            </Badge>
          )}
        </div>
        <p id={`${id}-text`} className="mt-0.5 text-sm text-muted">
          {text}
        </p>
      </div>
      <div className="min-w-0">
        <div className="flex items-center gap-1.5">
          {kind === 'choice' && choices !== null ? (
            <Select
              {...control}
              className="w-full"
              onValue={onEdit}
              options={choices.map((choice) => [choice, choice] as const)}
            />
          ) : (
            <Input
              {...control}
              className="w-full"
              type={kind === 'secret' ? 'password' : 'text'}
              inputMode={kind === 'integer' ? 'numeric' : undefined}
              autoComplete="off"
              spellCheck={false}
              placeholder={kind === 'secret' ? 'kept to itself' : textOfValue(setting.default) || 'none'}
              onChange={(event) => onEdit(event.target.value)}
            />
          )}
          {unit !== null && <span className="w-9 shrink-0 text-sm text-muted">{unit}</span>}
          {draft !== undefined ? (
            <Button
              variant="ghost"
              size="iconSm"
              aria-label={`Undo the change of ${name}`}
              title="Undo"
              onClick={() => onEdit(undefined)}
            >
              <Undo2 />
            </Button>
          ) : (
            !isDefault &&
            !locked && (
              <Button
                variant="ghost"
                size="iconSm"
                aria-label={`Take the default of ${name}`}
                title={`Take the default: ${textOfValue(setting.default) || 'none'}`}
                onClick={() => onEdit(kind === 'choice' ? textOfValue(setting.default) : '')}
              >
                <RotateCcw />
              </Button>
            )
          )}
        </div>
        <p
          id={`${id}-hint`}
          // A fault is read out as it comes; the hint changes with each digit.
          aria-live={fault === undefined ? 'off' : 'polite'}
          className={fault === undefined ? 'mt-1 text-xs text-muted' : 'mt-1 text-xs text-bad'}
        >
          {fault ?? [time, shape, `default ${textOfValue(setting.default) || 'none'}`].filter(Boolean).join('; ')}
        </p>
      </div>
    </li>
  );
}
