import { app } from '@azure/functions';

app.setup({ enableHttpStream: true });

app.http('stream-back', {
  route: 'streams/{name}',
  methods: ['GET', 'POST'],
  authLevel: 'anonymous',
  handler: async (request, context) => {
    if (request.params['name'] === 'throws') {
      throw new TypeError('nothing is answered');
    }
    const headers = new Headers({ 'x-seen': request.headers.get('x-sent') ?? '' });
    headers.append('x-url', request.url);
    headers.append('x-trace', context.traceContext?.traceParent ?? '');
    return {
      status: 206,
      headers,
      cookies: [
        { name: 'a', value: '1' },
        { name: 'b', value: '2' },
      ],
      body: request.body ?? 'no body',
    };
  },
});
