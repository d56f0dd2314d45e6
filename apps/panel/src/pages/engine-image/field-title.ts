const titles: Readonly<Record<string, string>> = {
  env: 'Environment',
  enabled: 'Use it',
  memory_limit: 'Memory limit',
};

/** What a field of the server is called for people. */
export function fieldTitle(name: string): string {
  return titles[name] ?? (name.charAt(0).toUpperCase() + name.slice(1)).replaceAll('_', ' ');
}
