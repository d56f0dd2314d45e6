import type { FastifyInstance } from 'fastify';
import { ClientAddresses } from '../auth/client-address.ts';
import type { Config } from '../config.ts';
import type { Log } from '../log.ts';
import { documentRoutes } from '../openapi/document-routes.ts';
import type { Services } from '../services.ts';
import { installGuard } from './guard.ts';
import { addRoutes } from './routes.ts';
import { createHttpServer } from './server.ts';

export interface AppOptions {
  readonly config: Config;
  readonly log: Log;
  /** What opens every door. */
  readonly key: string;
  readonly services: Services;
}

/** The HTTP server with its guard and all routes. Closing it takes no new connections and closes the services. */
export function createApp({ config, log, key, services }: AppOptions): FastifyInstance {
  const app = createHttpServer(log);
  installGuard(app, { addresses: new ClientAddresses(config.trustedProxies), rules: config, key });
  documentRoutes(app);
  addRoutes(app, services);
  app.addHook('preClose', async () => {
    app.server.close();
    await services.close();
  });
  return app;
}
