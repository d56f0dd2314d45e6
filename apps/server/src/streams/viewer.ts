/** Longest part of a User-Agent that is kept. */
const maxUserAgent = 300;

/** Who plays a stream. */
export interface Viewer {
  readonly address: string;
  readonly userAgent: string | undefined;
}

/** A viewer as the label of its client, so that nothing about it has to be kept beside the client. */
export function viewerLabel({ address, userAgent }: Viewer): string {
  return userAgent === undefined ? address : `${address} ${userAgent.slice(0, maxUserAgent)}`;
}

/** The viewer that {@link viewerLabel} made a label of. */
export function parseViewerLabel(label: string): Viewer {
  const [address = ''] = label.split(' ', 1);
  return { address, userAgent: label.length > address.length ? label.slice(address.length + 1) : undefined };
}

/** Label of the client that cuts HLS segments from a stream: its players are the viewers of HLS. */
export const cutterLabel = 'hls';

/** Whether a client of a stream is a player. */
export function isPlayer({ label }: { readonly label: string | undefined }): boolean {
  return label !== cutterLabel;
}
