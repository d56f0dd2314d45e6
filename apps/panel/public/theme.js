// Runs before the first paint, so that a chosen theme does not flash the other one. A file of its own: the page's
// security policy allows no inline scripts.
try {
  const theme = localStorage.getItem('panel.theme');
  if (theme === 'light' || theme === 'dark') document.documentElement.dataset.theme = theme;
} catch {
  // Storage may be forbidden; the system's theme is used then.
}
