import { randomUUID } from 'node:crypto';
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  fastify,
  LogController,
} from 'fastify';
import {
  type FastifyPluginCallbackZod,
  hasZodFastifySchemaValidationErrors,
  serializerCompiler,
  validatorCompiler,
} from 'fastify-type-provider-zod';
import { ApiError, errorBody } from '../api-error.ts';
import { stripBasePath } from '../base-path.ts';
import { AllowedMethods } from './allowed-methods.ts';
import { normalUrl } from './normal-url.ts';
import { readQuery } from './read-query.ts';

/** Routes whose schemas are written with zod. */
export type Routes = FastifyPluginCallbackZod;

/** An HTTP server without routes, which are the same below `basePath`: logging, validation and the error contract. */
export function createHttpServer(log: FastifyBaseLogger, basePath = ''): FastifyInstance {
  const app = fastify({
    loggerInstance: log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: () => randomUUID(),
    forceCloseConnections: true,
    rewriteUrl: ({ url = '/' }) => stripBasePath(normalUrl(url), basePath),
    // What is asked while it closes gets an error in the shape of every other.
    return503OnClosing: false,
    // Streams of magnet links have long ids; the head of a request is at most 16 KiB.
    routerOptions: { maxParamLength: 16_384, querystringParser: readQuery },
    // Refused below, in the shape of every other error.
    http: { requireHostHeader: false },
    frameworkErrors: (error, request, reply) => void sendError(toApiError(error), request, reply),
    clientErrorHandler: refuseBrokenHttp,
  });
  takeEmptyJson(app);
  app.addHook('onRequest', async ({ raw: { headers, httpVersion } }) => {
    // RFC 9112 §3.2
    if (headers.host === undefined && httpVersion === '1.1')
      throw new ApiError(400, 'bad_request', 'HTTP/1.1 wants Host.');
    // Nothing is nothing, of whatever type a client says it is.
    if (headers['content-length'] === '0') delete headers['content-type'];
    else if (/^(?!identity$)./i.test(headers['content-encoding'] ?? '')) {
      throw new ApiError(415, 'unsupported_media_type', 'Send the body as it is, without a Content-Encoding.');
    }
  });
  // Of what it is not known (RFC 9110 §10.1.1) nothing is expected.
  app.server.on('checkExpectation', (request, response) => app.server.emit('request', request, response));
  app.setValidatorCompiler(validatorCompiler);
  app.setSerializerCompiler(serializerCompiler);
  app.setErrorHandler((error, request, reply) => sendError(toApiError(error), request, reply));
  const allowed = new AllowedMethods(app);
  app.setNotFoundHandler((request, reply) => {
    const [path = ''] = request.url.split('?', 1);
    const methods = allowed.of(path);
    // A route may find nothing at a path that it takes.
    if (methods.length === 0 || methods.includes(request.method))
      throw new ApiError(404, 'not_found', `There is nothing at ${request.method} ${path}.`);
    // RFC 9110 §15.5.6
    reply.header('allow', methods.join(', '));
    throw new ApiError(405, 'method_not_allowed', `${path} takes ${methods.join(', ')}, not ${request.method}.`);
  });
  app.addHook('onRequest', async ({ id }, reply) => {
    reply.header('x-request-id', id);
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      {
        method: request.method,
        url: request.url,
        status: reply.statusCode,
        duration_ms: Math.round(reply.elapsedTime),
      },
      'request answered',
    );
  });
  return app;
}

/** Clients that send everything as JSON do so without a body, too: that is no body, and not a broken one. */
function takeEmptyJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error');
  app.removeContentTypeParser('application/json');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) =>
    body === '' ? done(null, undefined) : parse(request, body as string, done),
  );
}

function sendError(error: ApiError, request: FastifyRequest, reply: FastifyReply): FastifyReply {
  logError(error, request);
  if (error.retryAfterSeconds !== undefined) reply.header('retry-after', error.retryAfterSeconds);
  // The body is not what the route's schema describes, so it is serialised here.
  return reply
    .code(error.statusCode)
    .type('application/json; charset=utf-8')
    .serializer(JSON.stringify)
    .send(errorBody(error, request.id));
}

/** Faults of the server are errors; that a player got nothing is worth a line; the rest only its client cares about. */
export function logError(error: ApiError, request: FastifyRequest): void {
  const isOurs = error.statusCode === 500;
  const isPlayback = request.routeOptions.config.area === 'playback';
  const level = isOurs ? 'error' : isPlayback && error.statusCode > 500 ? 'info' : 'debug';
  const cause = isOurs ? { err: error.cause } : {};
  request.log[level]({ url: request.url, status: error.statusCode, code: error.code, ...cause }, error.message);
}

function toApiError(error: unknown): ApiError {
  if (error instanceof ApiError) return error;
  if (hasZodFastifySchemaValidationErrors(error)) {
    const fields = error.validation.map(
      ({ instancePath, message }) => `${instancePath.slice(1) || 'input'}: ${message}`,
    );
    return new ApiError(400, 'bad_input', `${fields.join('; ')}.`, { cause: error });
  }
  const { statusCode, message, code } = error as Partial<FastifyError>;
  if (statusCode === 413)
    return new ApiError(413, 'too_large', 'The body is larger than this takes.', { cause: error });
  if (statusCode === 415) {
    return new ApiError(415, 'unsupported_media_type', 'Send the body as application/json.', { cause: error });
  }
  if (code === 'FST_ERR_CTP_INVALID_JSON_BODY' || code === 'FST_ERR_CTP_EMPTY_JSON_BODY') {
    return new ApiError(400, 'bad_input', 'The body is not valid JSON.', { cause: error });
  }
  if (statusCode !== undefined && statusCode < 500 && message !== undefined) {
    return new ApiError(statusCode, 'bad_request', message, { cause: error });
  }
  return new ApiError(500, 'internal_error', 'Something went wrong in the server; its log has the details.', {
    cause: error,
  });
}

/** Answers bytes that are not HTTP in the shape of every other error. */
function refuseBrokenHttp(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) {
    socket.destroy();
    return;
  }
  const statusCode = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400;
  const refusal = new ApiError(statusCode, 'bad_request', 'This is not a request that HTTP allows.');
  const body = JSON.stringify(errorBody(refusal, randomUUID()));
  socket.end(
    `HTTP/1.1 ${statusCode} ${STATUS_CODES[statusCode]}\r\nContent-Type: application/json; charset=utf-8\r\n` +
      `Content-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  );
}
