import type { TokenCredential } from '@azure/core-auth';
import { NoticeError, type NoticeReceiver } from '../../ports/notices.ts';
import { failureCodeOf } from '../https/failure-code.ts';
import { postOnce, usualTimeoutMs } from './post-once.ts';

export type EventGridParts = {
  /** The topic's `/api/events`, https; its input schema is CloudEvents 1.0. */
  readonly endpoint: string;
  /** Holds *EventGrid Data Sender* on the topic and nothing else. */
  readonly credential: TokenCredential;
  readonly publicUrl: string;
  readonly timeoutMs?: number;
};

/** Source: learn.microsoft.com/azure/event-grid/authenticate-with-microsoft-entra-id. */
const scope = 'https://eventgrid.azure.net/.default';

/** Version of the data plane. Source: learn.microsoft.com/rest/api/eventgrid/dataplane/publish-cloud-event-events. */
const apiVersion = '2018-01-01';

/** Tells a topic of Event Grid, one CloudEvent a request, with a token of our own identity; the topic's keys are off. */
export function makeEventGridReceiver({ endpoint, credential, publicUrl, timeoutMs = usualTimeoutMs }: EventGridParts): NoticeReceiver {
  const address = new URL(endpoint);
  address.searchParams.set('api-version', apiVersion);
  return {
    deliver: async (notice) => {
      const { encodeNotice } = await import('./cloud-event.ts');
      const { contentType, body } = encodeNotice(notice, publicUrl);
      const authorization = `Bearer ${await tokenOf(credential, timeoutMs)}`;
      await postOnce(address.href, { 'content-type': contentType, authorization }, body, timeoutMs);
    },
  };
}

async function tokenOf(credential: TokenCredential, timeoutMs: number): Promise<string> {
  try {
    const token = await credential.getToken(scope, { abortSignal: AbortSignal.timeout(timeoutMs) });
    if (token !== null) return token.token;
  } catch (error) {
    throw new NoticeError('unreachable', `no token for the receiver could be had: ${failureCodeOf(error)}`);
  }
  throw new NoticeError('unreachable', 'no token for the receiver could be had');
}
