import { createHmac } from 'node:crypto';
import type { NoticeReceiver } from '../../ports/notices.ts';
import type { Clock } from '../../ports/system.ts';
import { postOnce, usualTimeoutMs } from './post-once.ts';

export type WebhookParts = {
  /** https. */
  readonly url: string;
  /** Keys that sign, one after another; two while the receiver changes from one to the other. */
  readonly secrets: readonly Uint8Array[];
  readonly publicUrl: string;
  readonly clock: Clock;
  readonly timeoutMs?: number;
};

/** Tells a webhook, signed as Standard Webhooks says: `webhook-id` is the event's id, so that a repetition can be told; the time is that of the attempt. */
export function makeWebhookReceiver({ url, secrets, publicUrl, clock, timeoutMs = usualTimeoutMs }: WebhookParts): NoticeReceiver {
  return {
    deliver: async (notice) => {
      const { encodeNotice } = await import('./cloud-event.ts');
      const { contentType, body } = encodeNotice(notice, publicUrl);
      const timestamp = String(Math.floor(Date.parse(clock.now()) / 1000));
      const signature = secrets.map((secret) => signatureOf(secret, notice.id, timestamp, body)).join(' ');
      const headers = {
        'content-type': contentType,
        'webhook-id': notice.id,
        'webhook-timestamp': timestamp,
        'webhook-signature': signature,
      };
      await postOnce(url, headers, body, timeoutMs);
    },
  };
}

/** Source: github.com/standard-webhooks/standard-webhooks, spec, signature scheme v1 (HMAC-SHA256). */
export function signatureOf(secret: Uint8Array, id: string, timestamp: string, body: string): string {
  return `v1,${createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`, 'utf8').digest('base64')}`;
}
