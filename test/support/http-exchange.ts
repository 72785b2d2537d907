import { type HttpHandler, HttpRequest, HttpResponse, InvocationContext } from '@azure/functions';
import type { JsonValue } from '../../shared/domain/json.ts';

export type Sent = {
  readonly method?: 'GET' | 'POST';
  /** Path and query, as `/api/operations?top=5`. */
  readonly url?: string;
  /** A token that the table of tokens knows; none where it is left out. */
  readonly token?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Sent as JSON, unless it is text, which is sent as it is. */
  readonly body?: JsonValue;
  readonly id?: string;
};

export type Received = { readonly status: number; readonly headers: Headers; readonly text: string; readonly body: JsonValue };

/** Sends a request to a handler through the real classes of `@azure/functions`, and reads the answer as a client would. */
export async function exchange(handler: HttpHandler, sent: Sent): Promise<Received> {
  const { method = 'GET', url = '/api/operations', token, body, id } = sent;
  const string = body === undefined || typeof body === 'string' ? body : JSON.stringify(body);
  const request = new HttpRequest({
    method,
    url: `https://countersign.example${url}`,
    headers: {
      ...(token === undefined ? {} : { authorization: `Bearer ${token}` }),
      ...(string === undefined ? {} : { 'content-type': 'application/json' }),
      ...sent.headers,
    },
    query: Object.fromEntries(new URL(url, 'https://countersign.example').searchParams),
    params: id === undefined ? {} : { id },
    ...(string === undefined ? {} : { body: { string } }),
  });
  const context = new InvocationContext({ invocationId: 'invocation-1', functionName: 'under-test', logHandler: () => undefined });
  const answer = await handler(request, context);
  const response = answer instanceof HttpResponse ? answer : new HttpResponse(answer);
  const text = await response.text();
  const parsed: JsonValue = text === '' ? null : JSON.parse(text);
  return { status: response.status, headers: new Headers([...response.headers.entries()]), text, body: parsed };
}
