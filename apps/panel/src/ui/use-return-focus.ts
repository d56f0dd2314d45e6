import { useRef } from 'react';

export interface ReturnFocus {
  /** For the dialog's `onOpenAutoFocus`. */
  readonly onOpenAutoFocus: () => void;
  /** For the dialog's `onCloseAutoFocus`. */
  readonly onCloseAutoFocus: (event: Event) => void;
}

/**
 * Where the keyboard goes on after a dialog that no trigger of its own opened: at what opened it, or at the page when that
 * is gone, such as the row of a stream that was stopped.
 */
export function useReturnFocus(): ReturnFocus {
  const opener = useRef<HTMLElement>(null);
  return {
    onOpenAutoFocus() {
      opener.current = openerOf(document.activeElement);
    },
    onCloseAutoFocus(event) {
      event.preventDefault();
      const target = opener.current?.isConnected ? opener.current : document.querySelector('main');
      target?.focus({ preventScroll: true });
    },
  };
}

/** An item of a menu goes with its menu; what opened the menu stays, and is what labels it. */
function openerOf(active: Element | null): HTMLElement | null {
  const button = document.getElementById(active?.closest('[role="menu"]')?.getAttribute('aria-labelledby') ?? '');
  return button ?? (active instanceof HTMLElement ? active : null);
}
