import { type Answer, CORS, PLAYLIST_TYPE } from './answer.ts';
import type { RenderedPlaylist } from './rendered-playlist.ts';

const HEADERS = { ...CORS, 'content-type': PLAYLIST_TYPE, 'cache-control': 'no-store', vary: 'Accept-Encoding' };

/** A playlist as an answer, compressed when that is asked for. */
export function answerPlaylist(rendered: RenderedPlaylist, acceptEncoding: string | undefined): Answer {
  const isGzip = acceptEncoding !== undefined && acceptsGzip(acceptEncoding);
  const body = isGzip ? rendered.readGzip() : rendered.read();
  const { byteLength } = body;
  const headers: Record<string, string> = { ...HEADERS, 'content-length': `${byteLength}` };
  if (isGzip) headers['content-encoding'] = 'gzip';
  return { status: 200, headers, body: [body], byteLength };
}

/** RFC 9110 §12.5.3, as far as gzip is concerned. */
export function acceptsGzip(header: string): boolean {
  let any = false;
  for (const each of header.toLowerCase().split(',')) {
    const [coding = '', ...parameters] = each.split(';').map((text) => text.trim());
    const isRefused = parameters.some((parameter) => /^q\s*=\s*0(\.0*)?$/.test(parameter));
    if (coding === 'gzip' || coding === 'x-gzip') return !isRefused;
    if (coding === '*') any = !isRefused;
  }
  return any;
}
