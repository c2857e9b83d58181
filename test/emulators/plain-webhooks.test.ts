import { createHmac } from 'node:crypto';
import { parsePlainWebhook, verifyPlainWebhook } from '@team-plain/typescript-sdk';
import { describe, expect, it } from 'vitest';
import { createVirtualClock } from '../../src/emulators/clock.ts';
import { type EventType, eventVersions } from '../../src/emulators/plain/events.ts';
import { plainWorld } from './plain-world.ts';

const targetId = 'whTarget_01HR9VYX2GYKX1XCTFXRG1K3MX';
const allEvents = Object.keys(eventVersions) as EventType[];

interface Received {
  readonly headers: Headers;
  readonly body: string;
  // biome-ignore lint/suspicious/noExplicitAny: the vendor's own schema checks the shape.
  readonly event: any;
}

/** Webhooks of the version the vendor's SDK reads, unless another is asked for. */
function listening(options: Parameters<typeof plainWorld>[0] = {}, events: readonly string[] = allEvents) {
  const received: Received[] = [];
  let status = 200;
  const world = plainWorld({
    webhookVersion: '2026-02-27',
    rateLimit: false,
    ...options,
    async webhookFetch(input, init) {
      const request = new Request(input, init);
      const body = await request.text();
      received.push({ headers: request.headers, body, event: JSON.parse(body) });
      return new Response(null, { status });
    },
  });
  const { webhooks } = world.emulator;
  webhooks.add({ id: targetId, url: 'https://hooks.example/plain', secret: 'secret', events });
  return {
    ...world,
    received,
    answerWith: (next: number) => {
      status = next;
    },
    types: async (): Promise<string[]> => {
      await webhooks.settle();
      return received.map(({ event }) => event.type);
    },
  };
}

describe('a webhook', () => {
  it('is signed over its body, in hex, with the time inside', async () => {
    const { received, addCustomer, emulator } = listening({ clock: createVirtualClock(Date.now()) });
    await addCustomer();
    await emulator.webhooks.settle();
    const [first] = received;
    expect(first?.headers.get('plain-request-signature')).toBe(
      createHmac('sha256', 'secret')
        .update(first?.body ?? '')
        .digest('hex'),
    );
    const verified = verifyPlainWebhook(
      first?.body ?? '',
      first?.headers.get('plain-request-signature') ?? '',
      'secret',
    );
    expect(verified.error).toBeUndefined();
  });

  it('is not signed without a secret', async () => {
    const { received, addCustomer, emulator } = listening();
    emulator.webhooks.add({ id: targetId, url: 'https://hooks.example', secret: '', events: allEvents });
    await addCustomer();
    await emulator.webhooks.settle();
    expect(received[0]?.headers.has('plain-request-signature')).toBe(false);
  });

  it('has the vendor’s headers, and the same facts in its body', async () => {
    const { received, addCustomer, emulator } = listening();
    await addCustomer();
    await emulator.webhooks.settle();
    const { headers, event } = received[0] as Received;
    const { webhookMetadata } = event;
    expect(Object.fromEntries(headers)).toMatchObject({
      accept: 'application/json',
      'content-type': 'application/json',
      'user-agent': 'Plain-Webhooks/1.0 (plain.com; help@plain.com)',
      'plain-workspace-id': event.workspaceId,
      'plain-webhook-target-id': targetId,
      'plain-webhook-target-version': '2026-02-27',
      'plain-webhook-delivery-attempt-id': webhookMetadata.webhookDeliveryAttemptId,
      'plain-webhook-delivery-attempt-number': '1',
      'plain-webhook-delivery-attempt-timestamp': webhookMetadata.webhookDeliveryAttemptTimestamp,
      'plain-event-type': event.type,
      'plain-event-id': event.id,
    });
    expect(event.id).toMatch(/^pEv_/);
    expect(event.payload.eventType).toBe(event.type);
  });

  it('is repeated twelve times over five days under the same id, and then given up', async () => {
    const { received, addCustomer, emulator, answerWith } = listening({}, ['customer.customer_created']);
    answerWith(500);
    await addCustomer();
    await emulator.webhooks.settle();
    await emulator.clock.advance(10_000);
    expect(received).toHaveLength(2);
    await emulator.clock.advance(29_000);
    expect(received).toHaveLength(2);
    await emulator.clock.advance(6 * 86_400_000);
    expect(received).toHaveLength(13);
    expect(new Set(received.map(({ event }) => event.id)).size).toBe(1);
    expect(new Set(received.map(({ event }) => event.webhookMetadata.webhookDeliveryAttemptId)).size).toBe(13);
    expect(received.at(-1)?.event.webhookMetadata.webhookDeliveryAttemptNumber).toBe(13);
    expect(emulator.webhooks.dead).toHaveLength(1);
  });

  it('comes only for what the target asked for', async () => {
    const { types, addCustomer, addThread } = listening({}, ['thread.thread_created']);
    await addThread(await addCustomer());
    expect(await types()).toEqual(['thread.thread_created']);
  });

  it('newer than the target’s version does not come', async () => {
    const move = async (webhookVersion: string) => {
      const { mutate, emulator, types, addCustomer, addThread } = listening({ webhookVersion }, [
        'thread.thread_tenant_updated',
      ]);
      const threadId = await addThread(await addCustomer());
      emulator.setup.addTenant({ name: 'Acme', externalId: 'acme' });
      await mutate('updateThreadTenant', { threadId, tenantIdentifier: { externalId: 'acme' } });
      return types();
    };
    expect(await move('2026-02-27')).toEqual([]);
    expect(await move('2026-04-21')).toEqual(['thread.thread_tenant_updated']);
  });
});

describe('an event', () => {
  /** Does everything once and gives the events of each step. */
  async function everything() {
    const world = listening();
    const { mutate, emulator, received } = world;
    const steps: Record<string, string[]> = {};
    const step = async <Value>(name: string, work: () => Promise<Value> | Value): Promise<Value> => {
      const before = received.length;
      const value = await work();
      await emulator.webhooks.settle();
      steps[name] = received.slice(before).map(({ event }) => event.type);
      return value;
    };
    const { setup, userId } = emulator;
    const labelType = setup.addLabelType({ name: 'Bug' });
    setup.addThreadFieldSchema({ key: 'k', type: 'STRING' });
    const components = [{ componentText: { text: 'Help' } }];
    const slack = { slack: { slackChannelId: 'C1', slackTeamId: 'T1' } };
    const msTeams = { msTeams: { msTeamsChannelId: 'C1', msTeamsTeamId: 'T1' } };

    const customerId = await step('create customer', () => world.addCustomer());
    await step('update customer', () =>
      mutate('upsertCustomer', {
        identifier: { customerId },
        onCreate: { fullName: 'x', email: { email: 'x@x.io', isVerified: true } },
        onUpdate: { fullName: { value: 'New' } },
      }),
    );
    const threadId = await step('create thread', () => world.addThread(customerId, { components }));
    const file = setup.addAttachment({ customerId, type: 'EMAIL' });
    await step('reply', () => mutate('replyToThread', { threadId, textContent: 'Hi', attachmentIds: [file.id] }));
    await step('done', () => mutate('markThreadAsDone', { threadId }));
    await step('receive', () => emulator.receive(threadId, { text: 'Thanks' }));
    await step('snooze', () => mutate('snoozeThread', { threadId, durationSeconds: 60 }));
    await step('wake', () => emulator.clock.advance(60_000));
    await step('snooze for ever', () => mutate('snoozeThread', { threadId, statusDetail: 'WAITING_INDEFINITELY' }));
    await step('todo', () => mutate('markThreadAsTodo', { threadId }));
    await step('priority', () => mutate('changeThreadPriority', { threadId, priority: 0 }));
    await step('assign', () => mutate('assignThread', { threadId, userId }));
    await step('assign machine', () => mutate('assignThread', { threadId, machineUserId: emulator.machineUserId }));
    const added = await step('label', () =>
      mutate('addLabels', { threadId, labelTypeIds: [labelType.id] }, 'labels { id }'),
    );
    await step('unlabel', () => mutate('removeLabels', { labelIds: [added.labels[0].id] }));
    const field = { identifier: { threadId, key: 'k' }, type: 'STRING' };
    await step('field', () => mutate('upsertThreadField', { ...field, stringValue: 'x' }));
    await step('field again', () => mutate('upsertThreadField', { ...field, stringValue: 'y' }));
    await step('field same', () => mutate('upsertThreadField', { ...field, stringValue: 'y' }));
    await step('note', () => mutate('createNote', { customerId, threadId, text: 'psst', markdown: '*psst*' }));
    await step('title', () => mutate('updateThreadTitle', { threadId, title: 'x' }));
    await step('e-mail', () => mutate('sendNewEmail', { customerId, subject: 'S', textContent: 'T' }));
    const chat = await world.addThread(customerId, { channel: 'CHAT', components });
    await step('chat', () => mutate('replyToThread', { threadId: chat, textContent: 'Hi' }));
    await step('chat back', () => emulator.receive(chat, { text: 'Hi' }));
    const inSlack = await world.addThread(customerId, { channel: 'SLACK', channelDetails: slack, components });
    await step('slack', () => mutate('replyToThread', { threadId: inSlack, textContent: 'Hi' }));
    await step('slack back', () => emulator.receive(inSlack, { text: 'Hi' }));
    const inTeams = await world.addThread(customerId, { channel: 'MS_TEAMS', channelDetails: msTeams, components });
    await step('teams', () => mutate('replyToThread', { threadId: inTeams, textContent: 'Hi' }));
    await step('teams back', () => emulator.receive(inTeams, { text: 'Hi' }));
    await step('delete', () => mutate('deleteThread', { threadId: chat }));
    return { received, steps };
  }

  it('follows each change', async () => {
    const { steps } = await everything();
    const status = 'thread.thread_status_transitioned';
    expect(steps).toEqual({
      'create customer': ['customer.customer_created', 'customer.customer_changed'],
      'update customer': ['customer.customer_updated', 'customer.customer_changed'],
      'create thread': ['thread.thread_created'],
      reply: ['thread.email_sent'],
      done: [status],
      receive: ['thread.email_received', status],
      snooze: [status],
      wake: [status],
      'snooze for ever': [status],
      todo: [status],
      priority: ['thread.thread_priority_changed'],
      assign: ['thread.thread_assignment_transitioned'],
      'assign machine': ['thread.thread_assignment_transitioned'],
      label: ['thread.thread_labels_changed'],
      unlabel: ['thread.thread_labels_changed'],
      field: ['thread.thread_field_created'],
      'field again': ['thread.thread_field_updated'],
      'field same': [],
      note: ['thread.note_created'],
      title: [],
      'e-mail': ['thread.thread_created', 'thread.email_sent'],
      chat: ['thread.chat_sent'],
      'chat back': ['thread.chat_received'],
      slack: ['thread.slack_message_sent'],
      'slack back': ['thread.slack_message_received'],
      teams: ['thread.ms_teams_message_sent'],
      'teams back': ['thread.ms_teams_message_received'],
      delete: [],
    });
  });

  it('fits the vendor’s schema', async () => {
    const { received } = await everything();
    // One of each kind and state: the vendor's parser compiles its schema for each call.
    const kinds = new Map(
      received.map((one) => [`${one.event.type} ${one.event.payload.thread?.statusDetail.type}`, one]),
    );
    for (const { body, event } of kinds.values()) {
      const { error } = parsePlainWebhook(body);
      expect(error, `${event.type}: ${error?.message}`).toBeUndefined();
    }
  });

  it('shows the thread before and after', async () => {
    const { received } = await everything();
    const priority = received.find(({ event }) => event.type === 'thread.thread_priority_changed')?.event.payload;
    expect([priority.previousThread.priority, priority.thread.priority]).toEqual([2, 0]);
    const labels = received.filter(({ event }) => event.type === 'thread.thread_labels_changed');
    expect(labels.map(({ event }) => event.payload.changeType)).toEqual(['ADDED', 'REMOVED']);
    const field = received.find(({ event }) => event.type === 'thread.thread_field_updated')?.event.payload;
    expect([field.previousThreadField.stringValue, field.threadField.stringValue]).toEqual(['x', 'y']);
    expect(Object.keys(priority.thread)).not.toEqual(expect.arrayContaining(['channel', 'ref', 'tenant']));
  });

  it.each([
    ['fired', ['thread.thread_created', 'thread.chat_received', 'thread.note_created']],
    ['silent', []],
  ] as const)('of an import is %s', async (importEvents, expected) => {
    const { types, addCustomer, importThread, mutate, received, emulator } = listening({ importEvents });
    const customerId = await addCustomer();
    await types();
    received.length = 0;
    const threadId = await importThread(customerId);
    const base = { createdAt: '2020-01-01T00:00:00Z', text: 'x' };
    await mutate('importThreadMessages', {
      threadId,
      threadMessages: [
        { ...base, externalId: 'a', type: 'INBOUND', author: { customerId } },
        { ...base, externalId: 'b', type: 'NOTE', author: { userId: emulator.userId } },
      ],
    });
    await importThread(customerId);
    expect(await types()).toEqual(expected);
  });
});
