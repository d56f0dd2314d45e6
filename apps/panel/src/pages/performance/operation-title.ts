/** `hls_segment_fetch` in words: `HLS segment fetch`. */
export function operationTitle(name: string): string {
  const words = name
    .replaceAll('_', ' ')
    .replace(/\bhls\b/, 'HLS')
    .replace(/\bmpegts\b/, 'MPEG-TS');
  return words.charAt(0).toUpperCase() + words.slice(1);
}
