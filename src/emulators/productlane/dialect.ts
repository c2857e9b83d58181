/** What a Productlane webhook looks like on the wire. */
import { createHmac } from 'node:crypto';
import type { WebhookDialect } from '../webhooks.ts';
import type { ProductlaneSwitches } from './options.ts';
import type { IdSource } from './workspace.ts';

const minute = 60_000;
const hour = 60 * minute;

/** The newer page stops after the first three. */
const retryDelaysMs = [minute, 5 * minute, 30 * minute, 2 * hour, 6 * hour, 24 * hour];

export function createDialect(ids: IdSource, retries: ProductlaneSwitches['webhookRetries']): WebhookDialect {
  return {
    retryDelaysMs: retryDelaysMs.slice(0, retries),
    wants: ({ events }, type) => events.includes(`${type.split('.')[0]}.*`),
    newEventId: () => ids.next('evt'),
    compose({ target, event, at }) {
      const { id, type, data } = event;
      const body = JSON.stringify({ id, type, created_at: event.at.toISOString(), data });
      const headers = {
        'Content-Type': 'application/json',
        'User-Agent': 'Productlane-Webhooks/1.0',
        'Productlane-Event': type,
        'Productlane-Event-Id': id,
        'Productlane-Delivery-Id': ids.next('wdl'),
        'Productlane-Webhook-Id': target.id,
        'Productlane-Signature': sign(target.secret, body, at),
      };
      return { body, headers };
    },
  };
}

/** `t=<unix seconds>,v1=<hex>`, over the time, a full stop and the raw body. */
function sign(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000);
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}
