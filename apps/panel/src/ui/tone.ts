/** What a colour says. Never the only thing that says it: a word or a shape stands beside it. */
export type Tone = 'ok' | 'warn' | 'bad' | 'info' | 'neutral' | 'accent';

export const toneText: Readonly<Record<Tone, string>> = {
  ok: 'text-ok',
  warn: 'text-warn',
  bad: 'text-bad',
  info: 'text-info',
  neutral: 'text-muted',
  accent: 'text-accent',
};

export const toneSoft: Readonly<Record<Tone, string>> = {
  ok: 'bg-ok/10 text-ok',
  warn: 'bg-warn/12 text-warn',
  bad: 'bg-bad/10 text-bad',
  info: 'bg-info/10 text-info',
  neutral: 'bg-muted/10 text-muted',
  accent: 'bg-accent/10 text-accent',
};
