import type { Area } from '../auth/access.ts';

/** The ways to show a key. */
export const securitySchemes = {
  bearer: { type: 'http', scheme: 'bearer', description: 'The API key.' },
  apiKey: { type: 'apiKey', in: 'header', name: 'X-API-Key', description: 'The API key.' },
  token: { type: 'apiKey', in: 'query', name: 'token', description: 'For players, which cannot send headers.' },
} as const;

type Requirement = { readonly [Scheme in keyof typeof securitySchemes]?: readonly string[] };

/** Any of these lets a request in; the empty one means that a setting may ask for none. */
export function securityOf(area: Area): readonly Requirement[] {
  switch (area) {
    case 'open':
    case 'viewer':
      return [];
    case 'admin':
      return [{ bearer: [] }, { apiKey: [] }];
    case 'playback':
      return [{}, { token: [] }, { bearer: [] }, { apiKey: [] }];
    case 'metrics':
    case 'read':
      return [{}, { bearer: [] }, { apiKey: [] }];
  }
}
