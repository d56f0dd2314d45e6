import { clsx } from 'clsx';
import { EllipsisVertical, type LucideIcon } from 'lucide-react';
import { DropdownMenu } from 'radix-ui';
import { buttonClass } from './button.tsx';

export interface MenuItem {
  readonly label: string;
  readonly icon: LucideIcon;
  readonly danger?: boolean;
  readonly disabled?: boolean;
  readonly onSelect: () => void;
}

/** Three dots that open a list of actions; nothing without any. */
export function Menu({ label, items }: { readonly label: string; readonly items: readonly MenuItem[] }) {
  if (items.length === 0) return null;
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger className={buttonClass({ variant: 'ghost', size: 'iconSm' })} aria-label={label}>
        <EllipsisVertical />
      </DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content
          align="end"
          sideOffset={4}
          className="z-50 min-w-44 animate-overlay rounded-xl border border-line bg-raised p-1 shadow-pop"
        >
          {items.map(({ label: text, icon: Icon, danger = false, disabled = false, onSelect }) => (
            <DropdownMenu.Item
              key={text}
              disabled={disabled}
              onSelect={onSelect}
              className={clsx(
                'flex cursor-default items-center gap-2.5 rounded-lg px-2.5 py-1.5 text-base outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover',
                danger ? 'text-bad' : 'text-text',
              )}
            >
              <Icon className="size-4" aria-hidden="true" />
              {text}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}
