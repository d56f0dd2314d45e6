/**
 * MpegTsProxy behind plain node:http: a path of this server is the same path of the source.
 *
 *   ours.ts --source http://127.0.0.1:1234 [--settings '{"batch":{"maxMs":200}}']
 *
 * Clients join at the newest keyframe. Says its port, and on SIGTERM what became of its sessions.
 */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { parseArgs } from 'node:util';
import { httpSource, MpegTsProxy, type ProxySettingsInput } from '@acestream-orchestrator/mpegts-proxy';
import { sayLoopDelay } from './loop-delay.ts';

sayLoopDelay();
const { source = '', settings = '{}' } = parseArgs({
  options: { source: { type: 'string' }, settings: { type: 'string' } },
}).values;

const given = JSON.parse(settings) as ProxySettingsInput;
const proxy = new MpegTsProxy({
  ...given,
  join: { behindMs: 0, ...given.join },
  limits: { clientsPerSession: 10_000, ...given.limits },
  open: (path, { signal }) => httpSource(source + path, { signal }),
});

const server = createServer((request, response) => {
  proxy.attach(request.url ?? '/', response).catch((error: unknown) => {
    if (!response.headersSent) response.writeHead(503);
    response.end(String(error));
  });
});
server.listen(0, '127.0.0.1', () => console.log(JSON.stringify({ port: (server.address() as AddressInfo).port })));

process.once('SIGTERM', () => {
  const { totals } = proxy.stats();
  process.stdout.write(`${JSON.stringify({ totals })}\n`, () => process.exit(0));
});
