/** Header names and values in the order in which they are sent. */
export type HeaderList = readonly (readonly [name: string, value: string])[];

const REASONS: Readonly<Record<number, string>> = {
  200: 'OK',
  302: 'Found',
  400: 'Bad Request',
  403: 'Forbidden',
  404: 'Not Found',
  431: 'Request Header Fields Too Large',
  500: 'Internal Server Error',
  501: 'Not Implemented',
};

/** `HTTP/1.1 200 OK`: BaseHTTP answers HTTP/1.1 whatever the client speaks. */
export function statusLine(status: number): string {
  return `HTTP/1.1 ${status} ${REASONS[status] ?? 'Unknown'}`;
}

/** A status line and headers with the blank line after them; Server and Date come first, as BaseHTTP sends them. */
export function formatHead(
  status: number,
  headers: HeaderList,
  manners: { readonly server: string; readonly date: Date },
): string {
  const lines = [statusLine(status), `Server: ${manners.server}`, `Date: ${manners.date.toUTCString()}`];
  for (const [name, value] of headers) lines.push(`${name}: ${value}`);
  return `${lines.join('\r\n')}\r\n\r\n`;
}
