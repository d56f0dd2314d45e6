import { clsx } from 'clsx';
import { Menu } from 'lucide-react';
import { useState } from 'react';
import { useLocation } from 'wouter';
import { Dialog } from '../ui/dialog.tsx';
import { Logo } from './logo.tsx';
import { isCurrent, navItems } from './nav-items.ts';
import { SessionButton } from './session-button.tsx';
import { LicensesLink, NavLinks } from './side-nav.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

/** The bar at the top of a narrow screen. */
export function TopBar() {
  return (
    <div className="flex items-center gap-2.5 border-b border-line bg-surface px-4 py-2 lg:hidden">
      <a href="#/" className="flex min-w-0 flex-1 items-center gap-2.5 font-semibold">
        <Logo className="size-6" />
        <span className="truncate">
          AceStream <span className="font-normal text-muted">Orchestrator</span>
        </span>
      </a>
      <SessionButton />
      <ThemeToggle />
    </div>
  );
}

const inReach = navItems.slice(0, 4);

/** The pages, at the bottom of a narrow screen; those that do not fit are behind "More". */
export function BottomNav() {
  const [location] = useLocation();
  const [open, setOpen] = useState(false);
  const isElsewhere = navItems.some(
    ({ path }) => isCurrent(path, location) && !inReach.some((item) => item.path === path),
  );
  const look = 'flex h-14 flex-col items-center justify-center gap-0.5 text-2xs font-medium';
  return (
    <nav
      aria-label="Pages"
      className="fixed inset-x-0 bottom-0 z-30 grid grid-cols-5 border-t border-line bg-surface pb-[env(safe-area-inset-bottom)] lg:hidden"
    >
      {inReach.map(({ path, label, icon: Icon }) => {
        const current = isCurrent(path, location);
        return (
          <a
            key={path}
            href={`#${path}`}
            aria-current={current ? 'page' : undefined}
            className={clsx(look, current ? 'text-accent' : 'text-muted')}
          >
            <Icon className="size-5" aria-hidden="true" />
            {label}
          </a>
        );
      })}
      <button
        type="button"
        aria-haspopup="dialog"
        aria-expanded={open}
        className={clsx(look, isElsewhere ? 'text-accent' : 'text-muted')}
        onClick={() => setOpen(true)}
      >
        <Menu className="size-5" aria-hidden="true" />
        More
      </button>
      <Dialog open={open} onOpenChange={setOpen} title="Pages">
        <NavLinks onGo={() => setOpen(false)} />
        <p className="mt-3 -mb-2 border-t border-line pt-2">
          <LicensesLink />
        </p>
      </Dialog>
    </nav>
  );
}
