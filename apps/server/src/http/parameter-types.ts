import { z } from 'zod';

/** A whole number, also as text. Nothing else is taken for one: not a blank, not `null`, not `true`. */
export function wholeNumber(min: number, max: number): z.ZodPreprocess<z.ZodInt> {
  return z.preprocess(
    (value) => (typeof value === 'string' && /^\s*[+-]?\d{1,15}\s*$/.test(value) ? Number(value) : value),
    z.int().min(min).max(max),
  );
}

/** One of some words, in any case. */
export function choice<const Word extends string>(
  words: readonly Word[],
): z.ZodPreprocess<z.ZodEnum<z.util.ToEnum<Word>>> {
  return z.preprocess((value) => (typeof value === 'string' ? value.trim().toLowerCase() : value), z.enum(words));
}

/**
 * A moment in ISO 8601, also as it comes out where its `+` was not escaped, and with a blank before the time, as Python
 * prints it. The offset may be missing.
 */
export function moment(): z.ZodPreprocess<z.ZodISODateTime> {
  return z.preprocess(
    (value) =>
      typeof value === 'string'
        ? value
            .trim()
            .replace(/ (\d\d:?\d\d)$/, '+$1')
            .replace(/^([\d-]{10})[ _]/, '$1T')
        : value,
    z.iso.datetime({ offset: true, local: true }),
  );
}
