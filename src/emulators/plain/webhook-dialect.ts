/** What Plain's webhooks look like: headers, signature, envelope and retries. */
import { createHmac } from 'node:crypto';
import type { WebhookDialect } from '../webhooks.ts';
import { type EventType, eventVersions } from './events.ts';
import type { Ids } from './ids.ts';

const second = 1000;
const minute = 60 * second;
const hour = 60 * minute;
const day = 24 * hour;

/** Milliseconds; twelve retries over about five days. */
const retryDelaysMs: readonly number[] = [
  10 * second,
  30 * second,
  5 * minute,
  30 * minute,
  hour,
  3 * hour,
  6 * hour,
  12 * hour,
  day,
  day,
  day,
  day,
];

interface DialectOptions {
  readonly ids: Ids;
  readonly now: () => Date;
  readonly workspaceId: string;
  /** All targets are pinned to this version. */
  readonly version: string;
}

/** Hex HMAC-SHA256 over the body's bytes. */
function sign(body: string, secret: string): string {
  return createHmac('sha256', secret).update(body, 'utf8').digest('hex');
}

export function createPlainDialect({ ids, now, workspaceId, version }: DialectOptions): WebhookDialect {
  return {
    retryDelaysMs,
    wants({ events }, type) {
      const since = eventVersions[type as EventType];
      // An event newer than the target's version is not sent to it. Versions are dates, so text order is their order.
      return events.includes(type) && (since === 'unversioned' || since <= version);
    },
    newEventId: () => ids.next('pEv', now()),
    compose({ target, event, number, at }) {
      const attemptId = ids.next('whAttempt', at);
      const timestamp = at.toISOString();
      const body = JSON.stringify({
        id: event.id,
        type: event.type,
        timestamp: event.at.toISOString(),
        workspaceId,
        payload: event.data,
        webhookMetadata: {
          webhookTargetId: target.id,
          webhookTargetVersion: version,
          webhookDeliveryAttemptId: attemptId,
          webhookDeliveryAttemptNumber: number,
          webhookDeliveryAttemptTimestamp: timestamp,
        },
      });
      const headers = {
        Accept: 'application/json',
        'Content-Type': 'application/json',
        'User-Agent': 'Plain-Webhooks/1.0 (plain.com; help@plain.com)',
        'Plain-Workspace-Id': workspaceId,
        'Plain-Webhook-Target-Id': target.id,
        'Plain-Webhook-Target-Version': version,
        'Plain-Webhook-Delivery-Attempt-Id': attemptId,
        'Plain-Webhook-Delivery-Attempt-Number': String(number),
        'Plain-Webhook-Delivery-Attempt-Timestamp': timestamp,
        'Plain-Event-Type': event.type,
        'Plain-Event-Id': event.id,
        // Without a secret of the workspace there is no signature.
        ...(target.secret !== '' && { 'Plain-Request-Signature': sign(body, target.secret) }),
      };
      return { body, headers };
    },
  };
}
