const texts: Readonly<Record<number, string>> = {
  400: 'The server does not understand this channel',
  401: 'Playing needs the key here: sign in, then try again',
  403: 'The key may not play here, or is wrong: sign in anew',
  404: 'It is gone',
  422: 'This content is refused',
  429: 'Too many watch already',
  501: 'This kind of content cannot be played yet',
  502: 'No engine could play it',
  503: 'No engine can play it now',
  504: 'No engine brought a picture in time',
};

/** What a person reads when the server answered a player with `status`; below 100 there was no answer. */
export function failureText(status: number | undefined): string {
  if (status === undefined || status < 100) return 'The connection broke.';
  return `${texts[status] ?? 'It cannot be played'}. (The server answered ${status}.)`;
}
