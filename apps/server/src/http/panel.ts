import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError } from '../api-error.ts';
import { panelHeaders } from './page-headers.ts';
import { publicUrlOf } from './public-url.ts';
import type { Routes } from './server.ts';

export interface PanelRoutesOptions {
  readonly basePath: string;
  /** The folder with the built page, if there is one. */
  readonly folder: () => Promise<string | undefined>;
}

/**
 * `/panel`: the web page. Its build names files by their content below `assets/`, so those may be kept for ever; every
 * path that is not a file is the page itself, which reads its URL. `<base>` tells it where it is.
 */
export function panelRoutes({ basePath, folder }: PanelRoutesOptions): Routes {
  const hidden = { schema: { hide: true }, config: { area: 'open' } } as const;

  const found = async (): Promise<string> => {
    const path = await folder();
    if (path !== undefined) return path;
    throw new ApiError(
      404,
      'panel_missing',
      'The web page is not built: run "npx -y pnpm@12 exec turbo run build" in the repository.',
    );
  };

  const sendPage = async (request: FastifyRequest, reply: FastifyReply): Promise<string> => {
    const page = await readFile(join(await found(), 'index.html'), 'utf8');
    const base = `${publicUrlOf(request, basePath).basePath}/panel/`;
    reply.headers({ ...panelHeaders, 'cache-control': 'no-cache' }).type('text/html; charset=utf-8');
    return page.replace(/<head[^>]*>/i, (head) => `${head}<base href="${base}">`);
  };

  return (app, _options, done) => {
    app.register(fastifyStatic, { root: import.meta.dirname, serve: false });

    for (const path of ['/', '/panel']) {
      app.get(path, hidden, (request, reply) => {
        reply.redirect(`${publicUrlOf(request, basePath).basePath}/panel/`, 302);
      });
    }

    app.get(
      '/panel/*',
      { ...hidden, schema: { hide: true, params: z.object({ '*': z.string() }) } },
      async (request, reply) => {
        const name = request.params['*'];
        const isAsset = name.startsWith('assets/');
        if (name.split(/[\\/]/).includes('..')) throw new ApiError(404, 'not_found', 'There is nothing at this path.');
        if (name === 'index.html' || (!isAsset && !/\.\w+$/.test(name))) return sendPage(request, reply);
        const root = await found();
        reply.headers(panelHeaders);
        return reply.sendFile(
          name,
          root,
          isAsset ? { maxAge: '1y', immutable: true } : { maxAge: '1h', dotfiles: 'ignore' },
        );
      },
    );
    done();
  };
}
