import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from './config.ts';

export type Log = Logger;

/** Structured lines, to standard output unless `destination` says otherwise. Keys and tokens never get into them. */
export function createLog(level: Config['logLevel'], destination?: DestinationStream): Log {
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      serializers: { err: pino.stdSerializers.err, url: redactUrl },
      redact: ['headers.authorization', 'headers["x-api-key"]'],
    },
    ...(destination === undefined ? [] : [destination]),
  );
}

/** Hides the value of `token` in a URL, and the token that is part of a viewer's HLS URLs. */
export function redactUrl(url: string): string {
  return url.replace(/([?&]token=)[^&#]*/gi, '$1***').replace(/(\/hls\/[\w-]+\/)[\w-]{12,}(?=\/)/, '$1***');
}
