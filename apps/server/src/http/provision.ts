import { z } from 'zod';
import type { Services } from '../services.ts';
import { makingErrors } from './container-errors.ts';
import type { Routes } from './server.ts';

const portSchema = z.int().min(1).max(65_535);

const bodySchema = z.object({
  image: z.string().min(1).max(500),
  env: z.record(z.string().regex(/^[A-Za-z_]\w*$/), z.string().max(10_000)).default({}),
  labels: z.record(z.string().min(1).max(200), z.string().max(4_000)).default({}),
  ports: z
    .record(z.string().regex(/^\d{1,5}(\/(tcp|udp))?$/), portSchema.nullable())
    .default({})
    .describe('Ports of the container, such as "8080/tcp"; each is published at a free port of ENGINE_PORTS'),
});

/** `/provision`: containers beside the engines. */
export function provisionRoutes({ containers }: Pick<Services, 'containers'>): Routes {
  return (app, _options, done) => {
    app.post(
      '/provision',
      {
        schema: {
          operationId: 'provisionContainer',
          summary: 'Start a container that is no engine, in the network of the engines',
          tags: ['containers'],
          body: bodySchema,
          response: {
            200: z.object({
              container_id: z.string(),
              container_name: z.string(),
              host_ports: z.record(z.string(), z.number().int()),
            }),
          },
        },
        config: { area: 'admin', errors: makingErrors },
      },
      async (request) => {
        const { image, env, labels, ports } = request.body;
        const made = await containers.run({ image, env, labels, ports: specPorts(ports) });
        return { container_id: made.id, container_name: made.name, host_ports: { ...made.hostPorts } };
      },
    );
    done();
  };
}

/** A container without ports still has a name for one, which nobody reaches. */
function specPorts(
  ports: Readonly<Record<string, unknown>>,
): Record<string, { container?: number; protocol?: 'tcp' | 'udp'; for?: 'inside' }> {
  const named = Object.keys(ports).map((port) => {
    const [number, protocol = 'tcp'] = port.split('/');
    return [
      `${protocol}_${number}`,
      { container: Number(number), protocol: protocol === 'udp' ? 'udp' : 'tcp' },
    ] as const;
  });
  return named.length === 0 ? { none: { for: 'inside' } } : Object.fromEntries(named);
}
