import { z } from 'zod';

/** The body of every error; docs/errors.md has the codes. */
export const errorSchema = z
  .object({
    error: z
      .looseObject({
        code: z.string().describe('Stable, in snake_case'),
        message: z.string(),
        retryable: z.boolean().describe('Whether the same request may succeed later'),
        request_id: z.string().describe('Finds the request in the log'),
      })
      .describe('Some codes have further fields'),
    detail: z.unknown().describe('Where clients of the 1.5 release look'),
  })
  .meta({ id: 'Error' });
