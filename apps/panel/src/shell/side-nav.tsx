import { clsx } from 'clsx';
import { useLocation } from 'wouter';
import { useLive } from '../live/use-live.ts';
import { Logo } from './logo.tsx';
import { isCurrent, navItems } from './nav-items.ts';
import { SessionButton } from './session-button.tsx';
import { ThemeToggle } from './theme-toggle.tsx';

/** The pages, at the left of a wide screen. */
export function SideNav() {
  return (
    <div className="sticky top-0 hidden h-dvh w-56 shrink-0 flex-col border-r border-line bg-surface lg:flex">
      <a href="#/" className="flex items-center gap-2.5 px-4 pt-4 pb-5">
        <Logo className="size-7" />
        <span className="leading-tight font-semibold tracking-tight">
          AceStream
          <br />
          <span className="font-normal text-muted">Orchestrator</span>
        </span>
      </a>
      <nav aria-label="Pages" className="flex-1 overflow-y-auto px-2.5">
        <NavLinks />
      </nav>
      <LicensesLink />
      <div className="flex items-center justify-between border-t border-line px-2.5 py-2.5">
        <SessionButton />
        <ThemeToggle />
      </div>
    </div>
  );
}

/** The notices of what the page is made of, which is why it is always in reach. */
export function LicensesLink() {
  return (
    <a
      href="./licenses.txt"
      target="_blank"
      className="px-5 py-2 text-xs text-muted hover:text-text hover:underline"
      rel="noopener"
    >
      Open-source licences
    </a>
  );
}

export function NavLinks({ onGo }: { readonly onGo?: () => void }) {
  const [location] = useLocation();
  const streams = useLive((state) => state.streams.size);
  const engines = useLive((state) => state.engines.size);
  const counts: Readonly<Record<string, number>> = { '/streams': streams, '/engines': engines };
  return (
    <ul className="space-y-0.5">
      {navItems.map(({ path, label, icon: Icon }) => {
        const current = isCurrent(path, location);
        const count = counts[path] ?? 0;
        return (
          <li key={path}>
            <a
              href={`#${path}`}
              onClick={onGo}
              aria-current={current ? 'page' : undefined}
              className={clsx(
                'flex h-9 items-center gap-3 rounded-lg px-2.5 font-medium',
                current ? 'bg-accent/12 text-accent' : 'text-muted hover:bg-hover hover:text-text',
              )}
            >
              <Icon className="size-4.5" aria-hidden="true" />
              <span className="flex-1">{label}</span>
              {count > 0 && <span className="num text-xs font-normal text-muted">{count}</span>}
            </a>
          </li>
        );
      })}
    </ul>
  );
}
