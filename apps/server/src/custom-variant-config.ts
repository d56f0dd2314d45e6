import { z } from 'zod';
import { imageName } from './config/container-settings.ts';

/** Name of the document in the database. */
export const customVariantDocument = 'custom_variant';

const parameterSchema = z.object({
  name: z.string().min(2).max(100).describe('With its dashes'),
  type: z.enum(['flag', 'string', 'int', 'bytes', 'path']).describe('What its value is'),
  value: z.union([z.string().max(4_000), z.number(), z.boolean()]),
  enabled: z.boolean().default(true).describe('One that is not is kept and not used'),
});

/** An image of one's own as the API has it; field names as in the 1.5 release. */
export const customVariantSchema = z.object({
  enabled: z.boolean().describe('Make engines from this image, and not from the one of ENGINE_VARIANT'),
  image: z
    .string()
    .max(500)
    .refine((name) => name === '' || imageName.test(name), 'is not the name of an image')
    .default('')
    .describe('Its name, such as registry.example/acestream:3.2'),
  platform: z.string().max(50).nullable().default(null).describe('Such as linux/arm64; null for the daemon’s own'),
  command: z
    .array(z.string().max(4_000))
    .max(200)
    .default([])
    .describe(
      'What is run in the container instead of its own command. May have {http_port}, {https_port}, {api_port}, {p2p_port}, {flags} and {conf} in it',
    ),
  env: z
    .record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(10_000))
    .default({})
    .describe('Environment of the container; values may have the same in them as the command'),
  parameters: z
    .array(parameterSchema)
    .max(200)
    .default([])
    .describe('Flags of the engine, beside those that the server sets; they are where {flags} stands, or at the end'),
  memory_limit: z.string().max(20).nullable().default(null).describe('Such as 800MB; null for ENGINE_MEMORY_MB'),
});

export type CustomVariantState = z.infer<typeof customVariantSchema>;

/** The same as the program has it. */
export interface CustomVariantConfig {
  readonly enabled: boolean;
  readonly image: string;
  readonly platform: string | undefined;
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly parameters: CustomVariantState['parameters'];
  /** 0 for the setting's. */
  readonly memoryBytes: number;
}

export const noCustomVariant: CustomVariantState = customVariantSchema.parse({ enabled: false });

/** The saved document; one that does not fit any more counts as none. */
export function savedCustomVariant(document: unknown): CustomVariantState {
  const parsed = customVariantSchema.safeParse(document);
  return parsed.success ? parsed.data : noCustomVariant;
}
