import { Monitor, Moon, Sun } from 'lucide-react';
import { useState } from 'react';
import { Button } from '../ui/button.tsx';

const storageName = 'panel.theme';
const themes = ['system', 'light', 'dark'] as const;
type Theme = (typeof themes)[number];

const looks = {
  system: { icon: Monitor, label: 'System theme' },
  light: { icon: Sun, label: 'Light theme' },
  dark: { icon: Moon, label: 'Dark theme' },
} as const;

/** Goes round system, light and dark; `theme.js` applies the choice before the next first paint. */
export function ThemeToggle() {
  const [theme, setTheme] = useState<Theme>(() => {
    const { theme: chosen } = document.documentElement.dataset;
    return chosen === 'light' || chosen === 'dark' ? chosen : 'system';
  });
  const { icon: Icon, label } = looks[theme];
  const next = themes[(themes.indexOf(theme) + 1) % themes.length]!;
  const choose = (): void => {
    setTheme(next);
    if (next === 'system') delete document.documentElement.dataset['theme'];
    else document.documentElement.dataset['theme'] = next;
    try {
      if (next === 'system') localStorage.removeItem(storageName);
      else localStorage.setItem(storageName, next);
    } catch {
      // Storage may be forbidden; the choice then holds for this page.
    }
  };
  return (
    <Button
      variant="ghost"
      size="iconSm"
      onClick={choose}
      aria-label={`${label}; switch to ${looks[next].label.toLowerCase()}`}
      title={label}
    >
      <Icon />
    </Button>
  );
}
