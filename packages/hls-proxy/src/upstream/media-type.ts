/** Content types of the extensions that segments have. Others count as what they look like. */
const TYPES: Readonly<Record<string, string>> = {
  ts: 'video/mp2t',
  m4s: 'video/mp4',
  mp4: 'video/mp4',
  m4v: 'video/mp4',
  cmfv: 'video/mp4',
  m4a: 'audio/mp4',
  cmfa: 'audio/mp4',
  aac: 'audio/aac',
  mp3: 'audio/mpeg',
  ac3: 'audio/ac3',
  ec3: 'audio/eac3',
  vtt: 'text/vtt',
};

/** What a segment is, by its name; fragmented MP4 where there is an initialisation section, else MPEG-TS. */
export function mediaTypeOf(
  url: string,
  hasMap: boolean,
): { readonly extension: string; readonly contentType: string } {
  const named = /\.([a-z0-9]{1,4})$/i.exec(new URL(url).pathname)?.[1]?.toLowerCase() ?? '';
  const extension = named in TYPES ? named : hasMap ? 'm4s' : 'ts';
  return { extension, contentType: TYPES[extension]! };
}
