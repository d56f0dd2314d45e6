import type { FastifyInstance } from 'fastify';

/** The methods of all routes that are added after it, by path. */
export class AllowedMethods {
  readonly #byUrl = new Map<string, { readonly pattern: RegExp; readonly methods: Set<string> }>();

  constructor(app: FastifyInstance) {
    app.addHook('onRoute', ({ method, url }) => {
      // Answers the preflights of pages of other hosts, at whatever path.
      if (url === '/*') return;
      const route = this.#byUrl.get(url) ?? { pattern: patternOf(url), methods: new Set() };
      this.#byUrl.set(url, route);
      for (const each of [method].flat()) route.methods.add(each);
    });
  }

  /** What may be done at a path, in alphabetical order; nothing where there is no route. */
  of(path: string): readonly string[] {
    const methods = new Set<string>();
    for (const route of this.#byUrl.values()) {
      if (route.pattern.test(path)) for (const method of route.methods) methods.add(method);
    }
    return [...methods].toSorted();
  }
}

/** `/streams/:id/stats` and `/panel/*`, as Fastify reads them. */
function patternOf(url: string): RegExp {
  const parts = url.split(/(:\w+|\*)/).map((part) => {
    if (part === '*') return '.*';
    return part.startsWith(':') ? '[^/]+' : part.replace(/\W/g, '\\$&');
  });
  return new RegExp(`^${parts.join('')}$`);
}
