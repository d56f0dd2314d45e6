import type { ImageState, PullProgress } from '@acestream-orchestrator/engine-orchestrator/docker';
import { z } from 'zod';

const pullSchema = z.object({
  status: z.enum(['pulling', 'done', 'failed', 'cancelled']),
  layers: z.number().int(),
  layers_done: z.number().int(),
  bytes: z.number().int(),
  total_bytes: z.number().int().describe('As far as it is known yet'),
  error: z.string().nullable(),
  code: z.string().nullable().describe('Of that error'),
});

const checkSchema = z.object({
  checked_at: z.iso.datetime(),
  digest: z.string().nullable().describe('What the registry has by that name, as last known'),
  error: z.object({ code: z.string(), message: z.string() }).nullable().describe('Why the last try was in vain'),
});

export const imageSchema = z
  .object({
    image: z.string(),
    configured: z.boolean().describe('Whether engines are made from it now'),
    present: z.boolean(),
    id: z.string().nullable(),
    architecture: z.string().nullable(),
    size_bytes: z.number().int().nullable(),
    created: z.iso.datetime().nullable(),
    digests: z.array(z.string()).describe('Of the registry'),
    newer: z
      .boolean()
      .nullable()
      .describe('Whether the registry has another image of that name; null as long as nobody looked'),
    check: checkSchema.nullable().describe('The last look at the registry since the server started'),
    pull: pullSchema.nullable().describe('The last download since the server started'),
  })
  .meta({ id: 'Image' });

/** An image as the API shows it. */
export function imageFields({
  image,
  isConfigured,
  local,
  pull,
  check,
  newer,
}: ImageState): z.infer<typeof imageSchema> {
  return {
    image,
    configured: isConfigured,
    present: local !== undefined,
    id: local?.id ?? null,
    architecture: local?.architecture ?? null,
    size_bytes: local?.sizeBytes ?? null,
    created: isoOrNull(local?.createdAt),
    digests: [...(local?.digests ?? [])],
    newer: newer ?? null,
    check:
      check === undefined
        ? null
        : {
            checked_at: new Date(check.at).toISOString(),
            digest: check.digest ?? null,
            error: check.error === undefined ? null : { code: check.error.code, message: check.error.message },
          },
    pull: pull === undefined ? null : pullFields(pull),
  };
}

/** How far a download has come. */
export function pullFields({
  status,
  layers,
  layersDone,
  bytes,
  totalBytes,
  error,
  code,
}: PullProgress): z.infer<typeof pullSchema> {
  return {
    status,
    layers,
    layers_done: layersDone,
    bytes,
    total_bytes: totalBytes,
    error: error ?? null,
    code: code ?? null,
  };
}

/** An image that was imported may have no time. */
function isoOrNull(at: number | undefined): string | null {
  return at === undefined || !(at > 0) ? null : new Date(at).toISOString();
}
