import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import { app, type HttpRequest, type HttpResponseInit, type InvocationContext, output, trigger } from '@azure/functions';

/** Says what it was given, so that a test can compare it with what was sent. */
async function echo(request: HttpRequest, context: InvocationContext): Promise<HttpResponseInit> {
  const body = Buffer.from(await request.arrayBuffer());
  return {
    status: 200,
    jsonBody: {
      function: context.functionName,
      invocationId: context.invocationId,
      method: request.method,
      url: request.url,
      params: request.params,
      query: Object.fromEntries(request.query),
      headers: Object.fromEntries(request.headers),
      bodyBytes: body.length,
      bodySha256: createHash('sha256').update(body).digest('hex'),
      traceParent: context.traceContext?.traceParent,
      traceState: context.traceContext?.traceState,
    },
  };
}

app.hook.appStart(() => console.log('hook appStart'));
app.hook.appTerminate(() => console.log('hook appTerminate'));
app.hook.preInvocation((context) => {
  context.invocationContext.extraInputs.set('hook', 'seen');
});

app.http('submit-operation', { route: 'api/operations', methods: ['POST'], authLevel: 'anonymous', handler: echo });
app.http('assess-operation', { route: 'api/operations/assess', methods: ['POST'], authLevel: 'anonymous', handler: echo });
app.http('read-operation', { route: 'api/operations/{id}', methods: ['GET', 'POST'], authLevel: 'anonymous', handler: echo });
app.http('cancel-operation', { route: 'api/operations/{id}/cancel', methods: ['POST'], authLevel: 'anonymous', handler: echo });
app.http('by-guid', { route: 'api/guids/{key:guid}', methods: ['GET'], authLevel: 'anonymous', handler: echo });
app.http('gateway', {
  route: 'arm/{*path}',
  methods: ['GET', 'PUT', 'POST', 'PATCH', 'DELETE'],
  authLevel: 'anonymous',
  handler: echo,
});

app.http('answers', {
  route: 'answers/{kind}',
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: async (request, context): Promise<HttpResponseInit> => {
    switch (request.params['kind']) {
      case 'bytes':
        return { status: 201, headers: { 'x-one': '1', etag: '"abc"' }, body: Buffer.from([0, 255, 128, 10, 13]) };
      case 'body':
        return { status: 200, body: Buffer.from(await request.arrayBuffer()) };
      case 'cookies':
        return {
          status: 200,
          cookies: [
            { name: 'a', value: '1', path: '/console', httpOnly: true, secure: true, sameSite: 'Strict' },
            { name: 'b', value: 'two words', maxAge: 60 },
          ],
        };
      case 'logs':
        context.info('one', { two: 2 });
        context.warn('line\nbreak');
        return { status: 204 };
      case 'hooked':
        return { status: 200, body: String(context.extraInputs.get('hook')) };
      case 'throws': {
        const secret = await request.text();
        throw new TypeError(`cannot handle ${secret}\n    at ${secret}`);
      }
      case 'strays':
        setImmediate(() => {
          throw new RangeError('thrown from a callback');
        });
        void Promise.reject(new SyntaxError('nobody awaits this'));
        return { status: 202 };
      case 'malformed':
        return { status: 200, headers: { 'bad header': 'x' } };
      default:
        return { status: 400 };
    }
  },
});

app.generic('silent', {
  trigger: trigger.http({ route: 'silent', methods: ['GET'], authLevel: 'anonymous' }),
  return: output.http({}),
  handler: () => undefined,
});

/** Still has something to do when the host is told to stop. */
async function afterStopSignal(): Promise<void> {
  await once(process, 'SIGTERM');
  await setTimeout(200);
}

/** Answers when another request says so, so that a test can stop or kill the host in the middle of it. */
const waiting = new Map<string, () => void>();
app.http('wait', {
  route: 'wait/{name}',
  methods: ['GET'],
  authLevel: 'anonymous',
  handler: async (request) => {
    const name = request.params['name'] ?? '';
    const released = new Promise<void>((resolve) => {
      waiting.set(name, resolve);
    });
    console.log(`waiting ${name}`);
    await (name === 'until-stop' ? afterStopSignal() : released);
    return { status: 200, body: 'released' };
  },
});
app.http('release', {
  route: 'release/{name}',
  methods: ['POST'],
  authLevel: 'anonymous',
  handler: async (request) => {
    waiting.get(request.params['name'] ?? '')?.();
    return { status: 204 };
  },
});

/** The body says what to do with the message; what arrived is printed, so that a test can compare it with what was sent. */
async function handleMessage(message: unknown, context: InvocationContext): Promise<void> {
  const { invocationId, triggerMetadata, traceContext } = context;
  const saw = { saw: context.functionName, invocationId, message, metadata: triggerMetadata, traceParent: traceContext?.traceParent };
  console.log(JSON.stringify(saw));
  const order = typeof message === 'object' && message !== null ? Object.fromEntries(Object.entries(message)) : {};
  if (order['throws'] === true) {
    throw new Error(`no message like ${JSON.stringify(message)}`);
  }
  if (typeof order['hold'] === 'string') {
    const name = order['hold'];
    const released = new Promise<void>((resolve) => {
      waiting.set(name, resolve);
    });
    await (name === 'until-stop' ? afterStopSignal() : released);
    console.log(JSON.stringify({ finished: name }));
  }
}

app.serviceBusQueue('execute-operation', { connection: 'SERVICEBUS', queueName: 'executions', handler: handleMessage });
app.serviceBusQueue('bury-operation', { connection: 'SERVICEBUS', queueName: 'executions/$DeadLetterQueue', handler: handleMessage });
app.serviceBusQueue('check-operation', {
  connection: 'SERVICEBUS',
  queueName: '%CHECKS_QUEUE%',
  autoCompleteMessages: false,
  handler: handleMessage,
});

app.timer('measure', {
  schedule: '%MEASURE_SCHEDULE%',
  runOnStartup: true,
  handler: (timer, context) => console.log(JSON.stringify({ saw: context.functionName, timer })),
});
