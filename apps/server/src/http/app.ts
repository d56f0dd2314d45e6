import type { FastifyInstance } from 'fastify';
import type { KeySource } from '../auth/api-key.ts';
import { ClientAddresses } from '../auth/client-address.ts';
import { FailureLimit } from '../auth/failure-limit.ts';
import { GrantedKey } from '../auth/granted-key.ts';
import { PlaybackTokens } from '../auth/playback-tokens.ts';
import type { Config } from '../config/config.ts';
import type { Log } from '../log.ts';
import { documentRoutes } from '../openapi/document-routes.ts';
import type { Services } from '../services.ts';
import { allowOrigins } from './cors.ts';
import { installGuard } from './guard.ts';
import { Revocation } from './revocation.ts';
import { addRoutes } from './routes.ts';
import { createHttpServer } from './server.ts';

export interface AppOptions {
  readonly config: Config;
  readonly log: Log;
  /** What opens every door. */
  readonly key: KeySource;
  readonly services: Services;
}

/** The HTTP server with its guard and all routes. Closing it takes no new connections and closes the services. */
export function createApp({ config, log, key, services }: AppOptions): FastifyInstance {
  const app = createHttpServer(log, config.basePath);
  const revocation = new Revocation({ ...services, log });
  const tokens = new PlaybackTokens(services.storage, (token, grant) => revocation.tokenRevoked(token, grant));
  const grantedKey = new GrantedKey(key, (grant) => revocation.keyReplaced(grant));
  allowOrigins(app, config);
  installGuard(app, {
    addresses: new ClientAddresses(() => config.trustedProxies),
    rules: config,
    key: grantedKey,
    tokens,
    failures: new FailureLimit({ max: () => config.authMaxFailures }),
  });
  documentRoutes(app, config.basePath);
  addRoutes(app, { ...services, tokens });
  app.addHook('preClose', async () => {
    grantedKey.close();
    app.server.close();
    await services.close();
  });
  return app;
}
