import { ManagedIdentityCredential } from '@azure/identity';
import { makeEventGridReceiver } from '../shared/adapters/notices/event-grid-receiver.ts';
import { makeWebhookReceiver } from '../shared/adapters/notices/webhook-receiver.ts';
import { systemClock } from '../shared/adapters/system/system.ts';
import type { NoticeSettings } from '../shared/config/notices.ts';
import type { Config } from '../shared/config.ts';
import type { NoticeReceiver } from '../shared/ports/notices.ts';

/** Who is told how operations end, as the settings say. */
export function receiverOf({ publicUrl }: Pick<Config, 'publicUrl'>, settings: NoticeSettings): NoticeReceiver {
  switch (settings.kind) {
    case 'webhook':
      return makeWebhookReceiver({ url: settings.url, secrets: settings.secrets, publicUrl, clock: systemClock });
    case 'eventGrid': {
      const { endpoint, clientId } = settings;
      return makeEventGridReceiver({ endpoint, credential: new ManagedIdentityCredential({ clientId }), publicUrl });
    }
  }
}
