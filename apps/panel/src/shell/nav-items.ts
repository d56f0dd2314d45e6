import {
  Activity,
  CirclePlay,
  Gauge,
  LayoutDashboard,
  type LucideIcon,
  Repeat,
  ScrollText,
  Server,
  Settings,
} from 'lucide-react';

export interface NavItem {
  readonly path: string;
  readonly label: string;
  readonly icon: LucideIcon;
}

/** The pages, most looked at first: the first four are one touch away on a phone. */
export const navItems: readonly NavItem[] = [
  { path: '/', label: 'Overview', icon: LayoutDashboard },
  { path: '/streams', label: 'Streams', icon: Activity },
  { path: '/engines', label: 'Engines', icon: Server },
  { path: '/play', label: 'Play', icon: CirclePlay },
  { path: '/performance', label: 'Performance', icon: Gauge },
  { path: '/events', label: 'Events', icon: ScrollText },
  { path: '/looping', label: 'Looping streams', icon: Repeat },
  { path: '/settings', label: 'Settings', icon: Settings },
];

/** Whether `location` is the page at `path` or one below it. */
export function isCurrent(path: string, location: string): boolean {
  return path === '/' ? location === '/' : location === path || location.startsWith(`${path}/`);
}
