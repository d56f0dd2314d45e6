export { type AceContainerOptions, aceContainer } from './ace-container.ts';
export { AceError, type AceErrorCode, type AceErrorOptions } from './ace-error.ts';
export type { AceFlag } from './ace-flags.ts';
export { type AceProbeOptions, aceProbe } from './ace-probe.ts';
export { type AceVariant, type AceVariantName, aceVariants, type FlagStyle, variantFor } from './ace-variants.ts';
export type { AceContentInfo } from './content-info.ts';
export { type ContentKind, type ContentQuery, type ContentRef, contentKey, parseContentRef } from './content-ref.ts';
export { type CustomParameter, type CustomVariant, parameterFault, parseBytes } from './custom-variant.ts';
export { type EngineAddress, rebaseUrl } from './engine-address.ts';
export {
  type AceCallOptions,
  AceEngineClient,
  type AceEngineClientOptions,
  type AceOpenOptions,
} from './engine-client.ts';
export type { AceStatus, AceVersion } from './engine-version.ts';
export type { AceSession } from './session.ts';
export type { AceStat, LivePosition } from './stat.ts';
