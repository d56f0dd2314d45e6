import { readKeptKey, rotateApiKey } from './auth/api-key.ts';
import type { Config } from './config/config.ts';

/** What `key show` and `key rotate` print; a fault says what is wrong, and how to mend it. */
export type KeyCommandResult = { readonly text: string } | { readonly fault: string };

/** `key show` prints the key that opens this installation; `key rotate` replaces it and prints the new one. */
export async function runKeyCommand(
  action: string | undefined,
  { apiKey, dataDir }: Pick<Config, 'apiKey' | 'dataDir'>,
): Promise<KeyCommandResult> {
  switch (action) {
    case 'show': {
      const key = apiKey ?? (await readKeptKey(dataDir));
      return key === undefined
        ? { fault: `There is no key in ${dataDir} yet: the first start makes one, and so does "key rotate".` }
        : { text: key };
    }
    case 'rotate':
      if (apiKey !== undefined) return { fault: 'The key is the one in API_KEY: change it there and restart.' };
      return { text: await rotateApiKey(dataDir) };
    default:
      return { fault: 'Say "key show" or "key rotate".' };
  }
}
