export type { Client } from './client.ts';
export type {
  ClientEndReason,
  ClientResult,
  ClientStats,
  Clock,
  CloseReason,
  FailedSource,
  OpenContext,
  OpenSource,
  ProgramStats,
  ProxyHooks,
  ProxySettings,
  ProxyStats,
  RecoveryStats,
  SessionEndReason,
  SessionState,
  SessionStats,
  Source,
  SourceEndReason,
  SpliceKind,
} from './contract.ts';
export { MpegTsProxyError, type MpegTsProxyErrorCode, SourceError, type SourceErrorCode } from './errors.ts';
export { type HttpSourceOptions, httpSource } from './http-source.ts';
export type { PictureSize } from './picture-size.ts';
export { type AttachOptions, type JoinOptions, MpegTsProxy, type MpegTsProxyOptions } from './proxy.ts';
export type { Part, Segment, SegmentEnd, SegmentsOptions } from './segment-contract.ts';
export type { ProxySettingsInput } from './settings.ts';
export type { StreamHealthStats } from './stream-health.ts';
