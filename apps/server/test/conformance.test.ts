import { Agent } from 'node:http';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import committed from '../openapi.json' with { type: 'json' };
import type { OpenApiDocument } from '../src/openapi/finish-document.ts';
import { type DocumentedOperation, operationsOf } from '../src/openapi/operations.ts';
import { AnswerCheck } from './conformance/check-answer.ts';
import { bodyOf, Inputs } from './conformance/inputs.ts';
import { type Answer, type Sent, send } from './conformance/send.ts';
import { Player } from './player.ts';
import { channel, key, serve, type TestServer } from './serve.ts';

/** Another test keeps it equal to what the server makes. */
const document = committed as unknown as OpenApiDocument;
const operations = operationsOf(document);
/** Times all operations, this is a thousand requests and more. */
const runsPerOperation = 40;

let test: TestServer;
let player: Player;
let inputs: Inputs;
const check = new AnswerCheck(document);
const agent = new Agent({ keepAlive: true, maxSockets: 8 });

beforeAll(async () => {
  test = await serve({
    engines: 2,
    config: {
      startTimeoutMs: 2_000,
      statusHoldMs: 200,
      firstByteTimeoutMs: 3_000,
      lingerMs: 0,
      m3uTimeoutMs: 2_000,
      maxStreams: 10_000,
    },
  });
  player = new Player(`${test.origin}/ace/getstream?id=${channel(1)}`);
  await player.more();
  const [stream] = (await test.get<{ id: string }[]>('/streams')).body;
  inputs = new Inputs(document, [channel(1), stream!.id, `127.0.0.1:${test.engines[0]!.port}`]);
});
afterAll(async () => {
  player.leave();
  agent.destroy();
  await test[Symbol.asyncDispose]();
});

async function answerTo(sent: Sent): Promise<Answer> {
  return send(test.origin, { ...sent, headers: { 'x-api-key': key, ...sent.headers } }, agent);
}

async function expectConforming(operation: DocumentedOperation, sent: Sent): Promise<Answer> {
  const answer = await answerTo(sent);
  const fault = check.faultOf(operation, answer);
  if (fault !== undefined) {
    throw new Error(`${sent.method} ${sent.path.slice(0, 300)} ${String(sent.body).slice(0, 300)}: ${fault}`);
  }
  return answer;
}

describe.each(operations.map((operation) => [operation.operationId, operation] as const))('%s', (_id, operation) => {
  it('answers as documented, whatever it is asked', async () => {
    await fc.assert(
      fc.asyncProperty(inputs.requestFor(operation), async (sent) => {
        await expectConforming(operation, sent);
      }),
      { numRuns: runsPerOperation, interruptAfterTimeLimit: 60_000, markInterruptAsFailure: false },
    );
  }, 120_000);
});

const withJson = operations.filter((operation) => 'application/json' in (bodyOf(operation) ?? {}));

it.each(withJson.map((operation) => [operation.operationId, operation] as const))(
  '%s refuses bodies that are none',
  async (_id, operation) => {
    const path = operation.path.replace(/\{\w+\}/g, 'x');
    const ask = async (body: string | Buffer | undefined, type = 'application/json') =>
      (await expectConforming(operation, { method: operation.method, path, body, headers: { 'content-type': type } }))
        .status;
    expect(await ask('{"a":')).toBe(400);
    expect(await ask('\ufeff{}')).toBeLessThan(500);
    expect(await ask('x', 'text/html')).toBe(415);
    expect(await ask('"text"')).toBe(400);
    expect(await ask(Buffer.alloc(10 * 2 ** 20, ' '))).toBe(413);
  },
);

const withQuery = operations.filter(({ parameters = [] }) =>
  parameters.some((each) => 'in' in each && each.in === 'query'),
);

it.each(withQuery.map((operation) => [operation.operationId, operation] as const))(
  '%s refuses parameters that come twice and say two things',
  async (_id, operation) => {
    const path = operation.path.replace(/\{\w+\}/g, channel(1));
    for (const parameter of operation.parameters ?? []) {
      if (!('in' in parameter) || parameter.in !== 'query') continue;
      const query = `${parameter.name}=1&${parameter.name}=2`;
      const { status } = await expectConforming(operation, { method: operation.method, path: `${path}?${query}` });
      expect([parameter.name, status]).toEqual([parameter.name, 400]);
    }
  },
);

it('still works after all of that, and logged no fault of its own', async () => {
  expect((await test.get('/healthz')).body).toEqual({ status: 'ok' });
  expect(test.logs.filter(({ level }) => level === 'error' || level === 'fatal')).toEqual([]);
});
