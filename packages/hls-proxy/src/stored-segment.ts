import type { Part, Segment, SegmentResource } from './segment-source.ts';

/** A resource under its name in our playlist. */
export interface NamedResource {
  readonly name: string;
  readonly resource: SegmentResource;
}

/** A segment in the window, under our own sequence number. */
export interface StoredSegment {
  readonly number: number;
  readonly discontinuity: boolean;
  readonly programDateTimeMs: number | undefined;
  readonly extension: string;
  readonly contentType: string;
  readonly map: NamedResource | undefined;
  readonly key: { readonly of: NonNullable<Segment['key']>; readonly named: NamedResource | undefined } | undefined;
  readonly parts: Part[];
  byteLength: number;
  durationMs: number;
  /** When it became complete, or was lost. */
  listedAtMs: number;
  state: 'open' | 'complete' | 'lost';
  /** The views of all parts, once somebody has asked for the whole. */
  whole: readonly Uint8Array[] | undefined;
}

/** `12.ts` */
export function segmentName({ number, extension }: StoredSegment): string {
  return `${number}.${extension}`;
}

/** `12.3.ts`: the fourth part of that segment. */
export function partName(number: number, part: number, extension: string): string {
  return `${number}.${part}.${extension}`;
}

const NAME = /^(0|[1-9]\d{0,14})(?:\.(0|[1-9]\d{0,5}))?\.([a-z0-9]{1,8})$/;

/** Reads a name of a segment or part; undefined for anything else. */
export function parseName(name: string): { number: number; part: number | undefined; extension: string } | undefined {
  const match = NAME.exec(name);
  if (match === null) return undefined;
  const [, number, part, extension = ''] = match;
  return { number: Number(number), part: part === undefined ? undefined : Number(part), extension };
}
