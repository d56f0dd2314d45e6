import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config/config.ts';
import { RepeatLimit } from './repeat-limit.ts';

export type Log = Logger;

/** What tells lines of one message apart: a line about another stream is another line. */
const identities = ['stream', 'engine', 'container', 'code'] as const;

/**
 * Structured lines, to standard output unless `destination` says otherwise. Keys and tokens never get into them. Of equal
 * lines at info, warn and error 30 a minute are written; the next one has `left_out`.
 */
export function createLog(level: Config['logLevel'], destination?: DestinationStream): Log {
  const repeats = new RepeatLimit({ max: 30, windowMs: 60_000 });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err, url: redactUrl },
      redact: ['headers.authorization', 'headers["x-api-key"]'],
      hooks: {
        logMethod(args, method, number) {
          if (number < pino.levels.values['info']! || number >= pino.levels.values['fatal']!) {
            return method.apply(this, args);
          }
          const [first, message] = args as [unknown, unknown];
          const fields = typeof first === 'object' && first !== null ? (first as Record<string, unknown>) : {};
          const text = typeof first === 'string' ? first : message;
          const leftOut = repeats.admit([number, text, ...identities.map((name) => fields[name])].join('\n'));
          if (leftOut === undefined) return;
          if (leftOut === 0) return method.apply(this, args);
          const rest = typeof first === 'string' ? args : args.slice(1);
          method.apply(this, [{ ...fields, left_out: leftOut }, ...rest] as unknown as typeof args);
        },
      },
    },
    ...(destination === undefined ? [] : [destination]),
  );
}

/**
 * Hides what opens something in a URL: `token`, the URL of a playlist, which may have a password in it, and the token
 * that is part of a viewer's HLS URLs.
 */
export function redactUrl(url: string): string {
  return url.replace(/([?&](?:token|m3u_url)=)[^&#]*/gi, '$1***').replace(/(\/hls\/[\w-]+\/)[\w-]{12,}(?=\/)/, '$1***');
}
