/** A player that polls: keeps to the URL that it was sent to, or comes by the first one each time. */
export interface Player {
  /** Follows the redirect, and gives the text of the playlist. */
  enter(): Promise<string>;
  /** Loads the playlist again from where it was sent. */
  reload(query?: string): Promise<Response>;
  /** Something that the playlist names. */
  get(name: string, init?: RequestInit): Promise<Response>;
  /** Where the playlist is. */
  readonly url: string;
}

export function player(entry: string, userAgent = 'test player'): Player {
  let url = entry;
  const headers = { 'user-agent': userAgent };
  return {
    get url() {
      return url;
    },
    async enter() {
      const response = await fetch(entry, { headers });
      url = response.url;
      return response.text();
    },
    reload: (query = '') => fetch(url + query, { headers }),
    get: (name, init) => fetch(new URL(name, url), { ...init, headers: { ...headers, ...init?.headers } }),
  };
}
