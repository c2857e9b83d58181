/** Every field of the vendor's page for creating a thread, and what else only Plain has, reaches the desk. */
import { describe, expect, it } from 'vitest';
import { collect, contact, failure, html, later, markdown, past, plainDesk, text, thread } from '../../desks.ts';

function workspace(emulation: Parameters<typeof plainDesk>[0] = {}) {
  const variables: Record<string, unknown>[] = [];
  const { emulator } = plainDesk(emulation);
  const fetch: typeof globalThis.fetch = (input, init) => {
    variables.push(JSON.parse(String(init?.body)).variables);
    return emulator.fetch(input, init);
  };
  const { desk } = plainDesk(emulation, { fetch, apiKey: emulator.apiKey });
  return { desk, emulator, variables };
}

describe('createThread', () => {
  it('sends every field of the page', async () => {
    const { desk, emulator, variables } = workspace();
    const { setup } = emulator;
    const { value: person } = await desk.upsertContact({ ...contact, externalId: 'customer-7' });
    setup.addThreadFieldSchema({ key: 'my_string_field', type: 'STRING' });
    const tenant = setup.addTenant({ name: 'Acme', externalId: 'acme' });
    const label = setup.addLabelType({ name: 'bug' });
    const attachment = setup.addAttachment({ customerId: person.id, type: 'CUSTOM_TIMELINE_ENTRY' });
    const plain = {
      customerIdentifier: { externalId: 'customer-7' },
      components: [{ componentText: { text: 'The login button is not working, it doesn’t do anything.' } }],
      attachmentIds: [attachment.id],
      labelTypeIds: [label.id],
      threadFields: [{ key: 'my_string_field', type: 'STRING', stringValue: 'any value' }],
      assignedTo: { machineUserId: emulator.machineUserId },
      description: 'Bug',
      priority: 0,
      tenantIdentifier: { externalId: 'acme' },
      channel: 'EMAIL',
    } as const;
    variables.length = 0;
    const { value } = await desk.createThread({ ...thread, externalId: 'order-1', providerOptions: { plain } });
    expect(variables).toEqual([{ input: { title: thread.title, externalId: 'order-1', ...plain } }]);
    expect(value).toMatchObject({
      externalId: 'order-1',
      contact: { id: person.id },
      labels: [{ id: label.id, name: 'bug' }],
      assignee: { id: emulator.machineUserId },
      company: { id: tenant.id },
      priority: { is: 'urgent' },
      channel: { is: 'email' },
      customFields: [{ key: 'my_string_field', type: 'string', value: 'any value' }],
    });
    const [opening] = await collect(desk.listMessages(value.id));
    expect(opening?.attachments).toMatchObject([{ id: attachment.id }]);
  });

  it.each(['id', 'email', 'externalId'] as const)('takes a contact by %s', async (way) => {
    const { desk } = workspace();
    const { value } = await desk.upsertContact({ ...contact, externalId: 'customer-7' });
    const ref = {
      id: { id: value.id },
      email: { email: 'ADA@example.test' },
      externalId: { externalId: 'customer-7' },
    }[way];
    expect((await desk.createThread({ ...thread, contact: ref })).value.contact?.id).toBe(value.id);
  });

  it('leaves a known contact as it is', async () => {
    const { desk } = workspace();
    await desk.upsertContact(contact);
    const { value } = await desk.createThread({ ...thread, contact: { email: contact.email, name: 'Somebody Else' } });
    expect(value.contact?.name).toBe(contact.name);
  });

  it.each(['SLACK', 'MS_TEAMS'] as const)('sends the details of a %s thread', async (channel) => {
    const { desk } = workspace();
    const channelDetails =
      channel === 'SLACK'
        ? { slack: { slackChannelId: 'C1', slackTeamId: 'T1' } }
        : { msTeams: { msTeamsChannelId: 'C1', msTeamsTeamId: 'T1' } };
    const { value } = await desk.createThread({ ...thread, providerOptions: { plain: { channel, channelDetails } } });
    expect(value.channel.raw).toBe(channel);
  });

  it('splits a long body into components and loses no word', async () => {
    const { desk, variables } = workspace();
    for (const body of [text, markdown, html]) {
      variables.length = 0;
      const words = Array.from({ length: 4000 }, (_, index) => `word${index}`).join(' ');
      const { value, losses } = await desk.createThread({ ...thread, body: body(words) });
      const { components } = variables.at(-1)!['input'] as { components: Record<string, Record<string, string>>[] };
      const texts = components.flatMap((component) =>
        Object.values(component).flatMap((content) => Object.values(content)),
      );
      expect(Math.max(...texts.map((piece) => piece.length))).toBeLessThanOrEqual(5000);
      const [opening] = await collect(desk.listMessages(value.id));
      expect(opening?.body.content.split(/\s+/)).toEqual(words.split(' '));
      expect(losses).toEqual([]);
    }
  });
});

describe('an option that is undefined', () => {
  it('does not erase what the model says', async () => {
    const { desk, variables } = workspace();
    const { value } = await desk.upsertContact(contact);
    variables.length = 0;
    const plain = { priority: undefined, labelTypeIds: undefined, assignedTo: undefined };
    await desk.createThread({ ...thread, contact: { id: value.id }, priority: 'urgent', providerOptions: { plain } });
    expect(variables[0]).toMatchObject({ input: { priority: 0 } });
  });
});

describe('a refusal for another field', () => {
  it('is not answered with the thread that has the external id', async () => {
    const { desk } = workspace();
    await desk.createThread({ ...thread, externalId: 'order-1' });
    const labelIds = ['lt_01HB924PME9C0YWKW1N4AK3BZA'];
    expect(await failure(desk.createThread({ ...thread, externalId: 'order-1', labelIds }))).toMatchObject({
      kind: 'invalid',
      issues: [{ path: expect.stringContaining('labelIds') }],
    });
  });
});

describe('upsertContact', () => {
  it('reports what Plain takes for new contacts only', async () => {
    const { desk, emulator } = workspace();
    const tenant = emulator.setup.addTenant({ name: 'Acme', externalId: 'acme' });
    const providerOptions = { plain: { tenantIdentifiers: [{ tenantId: tenant.id }] } };
    expect((await desk.upsertContact({ ...contact, providerOptions })).losses).toEqual([]);
    expect((await desk.upsertContact({ ...contact, providerOptions })).losses).toMatchObject([
      { field: 'providerOptions.plain.tenantIdentifiers', how: 'dropped' },
    ]);
  });

  it('reads no name where the address stands in for one', async () => {
    const { desk } = workspace();
    expect((await desk.upsertContact({ email: 'grace@example.test' })).value.name).toBeUndefined();
  });

  it.each(['user@münchen.de', 'first..last@docomo.ne.jp', 'root@localhost'])(
    'leaves it to Plain what it thinks of %s',
    async (email) => {
      const { desk, emulator } = workspace();
      await failure(desk.upsertContact({ email }));
      expect(emulator.requests.count()).toBe(1);
    },
  );

  it('takes the spaces off an address', async () => {
    const { desk } = workspace();
    expect((await desk.upsertContact({ email: ' Ada@example.test ' })).value.email).toBe('ada@example.test');
  });
});

describe('createThread with an external id', () => {
  it.each(['error', 'existing'] as const)(
    'gives the thread that has it, on a desk that answers with %s',
    async (duplicateThread) => {
      const { desk, emulator } = workspace({ duplicateThread });
      const first = await desk.createThread({ ...thread, externalId: 'order-1' });
      const second = await desk.createThread({ ...thread, externalId: 'order-1', title: 'Again' });
      expect(second.value.id).toBe(first.value.id);
      expect(emulator.state.threads.size).toBe(1);
    },
  );

  it.each([
    { kind: 'cut', when: 'after' },
    { kind: 'status', status: 500, applied: 'yes' },
    { kind: 'garble' },
  ] as const)('finds the thread whose creation was not answered: %j', async (fault) => {
    const { desk, emulator } = workspace();
    emulator.faults.next(fault, { operation: 'CreateThread' });
    const { value } = await desk.createThread({ ...thread, externalId: 'order-1' });
    expect([...emulator.state.threads.keys()]).toEqual([value.id]);
  });

  it('says that it does not know where the look-up finds nothing', async () => {
    const { desk, emulator } = workspace();
    emulator.faults.next({ kind: 'cut', when: 'before' }, { operation: 'CreateThread' });
    expect(await failure(desk.createThread({ ...thread, externalId: 'order-1' }))).toMatchObject({
      kind: 'unavailable',
      applied: 'unknown',
    });
    expect(emulator.state.threads.size).toBe(0);
  });
});

describe('updateThread', () => {
  it('says what was done before a change that was refused', async () => {
    const { desk } = workspace();
    const { value } = await desk.createThread(thread);
    const changes = { title: 'New', assigneeId: 'u_01H14DFQ4PDYBH398J1E99TWSS' };
    const error = await failure(desk.updateThread(value.id, changes));
    expect(error).toMatchObject({
      kind: 'invalid',
      applied: 'unknown',
      message: expect.stringContaining('after title'),
    });
    expect((await desk.getThread(value.id)).title).toBe('New');
  });

  it('adds labels by type and removes them by label', async () => {
    const { desk, emulator } = workspace();
    const [bug, urgent, vip] = ['bug', 'urgent', 'vip'].map((name) => emulator.setup.addLabelType({ name }).id);
    const { value } = await desk.createThread({ ...thread, labelIds: [bug!, urgent!] });
    const { value: after } = await desk.updateThread(value.id, { labelIds: [urgent!, vip!] });
    expect(after.labels.map(({ name }) => name).sort()).toEqual(['urgent', 'vip']);
    expect((await desk.updateThread(value.id, { labelIds: [] })).value.labels).toEqual([]);
  });

  it.each(['skipped', 'error'] as const)(
    'is content with a label that is there, on a desk where that is %s',
    async (presentLabel) => {
      const { desk, emulator } = workspace({ presentLabel });
      const label = emulator.setup.addLabelType({ name: 'bug' }).id;
      const { value } = await desk.createThread(thread);
      await Promise.all([
        desk.updateThread(value.id, { labelIds: [label] }),
        desk.updateThread(value.id, { labelIds: [label] }),
      ]);
      expect((await desk.getThread(value.id)).labels).toHaveLength(1);
    },
  );

  it('is not content where one label was there and another is missing', async () => {
    const { desk, emulator } = workspace({ presentLabel: 'error' });
    const [bug, vip] = ['bug', 'vip'].map((name) => emulator.setup.addLabelType({ name }).id);
    const { value } = await desk.createThread(thread);
    // Another caller adds the first label between our look and our write.
    const race = desk.updateThread(value.id, { labelIds: [bug!] });
    const error = await failure(Promise.all([desk.updateThread(value.id, { labelIds: [bug!, vip!] }), race]));
    const { labels } = await desk.getThread(value.id);
    expect(error === undefined ? labels.length : error).toSatisfy(
      (seen: unknown) => seen === 2 || (seen as { kind?: string }).kind === 'conflict',
    );
  });

  it('refuses a detail that does not go with the status', async () => {
    const { desk, emulator } = workspace();
    const { value } = await desk.createThread(thread);
    const before = emulator.requests.count();
    for (const changes of [
      { providerOptions: { plain: { statusDetail: 'IGNORED' } } },
      { status: { is: 'open' }, providerOptions: { plain: { statusDetail: 'IGNORED' } } },
    ] as const) {
      expect(await failure(desk.updateThread(value.id, changes))).toMatchObject({
        kind: 'invalid',
        issues: [{ path: 'providerOptions.plain.statusDetail' }],
      });
    }
    expect(emulator.requests.count()).toBe(before);
  });

  it('snoozes until the customer answers', async () => {
    const { desk } = workspace();
    const { value } = await desk.createThread(thread);
    const { value: after, losses } = await desk.updateThread(value.id, {
      status: { is: 'snoozed', until: later },
      providerOptions: { plain: { statusDetail: 'WAITING_FOR_CUSTOMER' } },
    });
    expect(after.status).toMatchObject({ is: 'snoozed', until: undefined });
    expect(losses).toEqual([{ field: 'status.until', how: 'dropped' }]);
  });

  it('gives the thread as it is after custom fields alone', async () => {
    const { desk, emulator } = workspace();
    emulator.setup.addThreadFieldSchema({ key: 'seats', type: 'NUMBER' });
    const { value } = await desk.createThread(thread);
    const { value: after } = await desk.updateThread(value.id, {
      customFields: [{ key: 'seats', type: 'number', value: 3 }],
    });
    expect(after.customFields).toEqual([{ key: 'seats', type: 'number', value: 3 }]);
  });
});

describe('reply', () => {
  it('goes by e-mail where the thread takes no replies, and says so', async () => {
    const { desk, emulator } = workspace();
    const message = { externalId: 'm', kind: 'inbound', body: text('x'), createdAt: past } as const;
    const { value } = await desk.importThread({
      contact,
      title: 'Old',
      externalId: 'e',
      createdAt: past,
      messages: [message],
    });
    const { value: sent, losses } = await desk.reply({ threadId: value.thread.id, body: text('hello') });
    expect(sent).toMatchObject({ channel: { is: 'email' } });
    expect(losses).toMatchObject([{ field: 'channel', how: 'changed', stored: 'email' }]);
    expect(emulator.postRoom.delivered).toHaveLength(1);
  });

  it('does not turn into an e-mail of the team where it was to be the customer’s', async () => {
    const { desk, emulator } = workspace();
    const { value } = await desk.createThread({ ...thread, providerOptions: { plain: { channel: 'INTERNAL' } } });
    const asCustomer = { customerIdentifier: { emailAddress: contact.email } };
    const reply = desk.reply({
      threadId: value.id,
      body: text('x'),
      providerOptions: { plain: { impersonation: { asCustomer } } },
    });
    expect(await failure(reply)).toMatchObject({ kind: 'unsupported', applied: 'no' });
    expect(emulator.postRoom.delivered).toHaveLength(0);
  });

  it('is delivered once, whatever breaks', async () => {
    for (const fault of [
      { kind: 'cut', when: 'after' },
      { kind: 'status', status: 503, applied: 'yes' },
      { kind: 'truncate' },
    ] as const) {
      const { desk, emulator } = workspace();
      const { value } = await desk.createThread(thread);
      emulator.faults.next(fault);
      expect(await failure(desk.reply({ threadId: value.id, body: text('x') }))).toMatchObject({ applied: 'unknown' });
      expect(emulator.postRoom.delivered).toHaveLength(1);
    }
  });
});

describe('an import that breaks off', () => {
  const message = { externalId: 'm', kind: 'inbound', body: text('x'), createdAt: past } as const;
  const input = { contact, title: 'Old', externalId: 'e', createdAt: past, messages: [message] };

  it('reports custom fields as lost, and sets them when it is made again', async () => {
    const { desk, emulator } = workspace();
    emulator.setup.addThreadFieldSchema({ key: 'seats', type: 'NUMBER' });
    const customFields = [{ key: 'seats', type: 'number', value: 3 }] as const;
    emulator.faults.next({ kind: 'status', status: 500 }, { operation: 'UpdateThread' });
    const first = await desk.importThread({ ...input, customFields });
    expect(first.losses).toMatchObject([{ field: 'customFields', how: 'dropped' }]);
    const second = await desk.importThread({ ...input, customFields });
    expect(second.losses).toEqual([]);
    expect((await desk.getThread(first.value.thread.id)).customFields).toEqual(customFields);
  });

  it('leaves alone what somebody has changed since', async () => {
    const { desk, emulator } = workspace();
    emulator.setup.addThreadFieldSchema({ key: 'seats', type: 'NUMBER' });
    const customFields = [{ key: 'seats', type: 'number', value: 3 }] as const;
    const { value } = await desk.importThread({ ...input, customFields });
    await desk.updateThread(value.thread.id, { customFields: [{ key: 'seats', type: 'number', value: 4 }] });
    await desk.importThread({ ...input, customFields });
    expect((await desk.getThread(value.thread.id)).customFields).toMatchObject([{ value: 4 }]);
  });

  it('says that the thread is there where its messages are refused, and completes when made again', async () => {
    const { desk, emulator } = workspace();
    const refusal = { type: 'VALIDATION', code: 'input_validation', message: 'm', fields: [] };
    const body = { data: { importThreadMessages: { results: [], error: refusal } } };
    emulator.faults.next({ kind: 'status', status: 200, body }, { operation: 'ImportThreadMessages' });
    expect(await failure(desk.importThread(input))).toMatchObject({ kind: 'invalid', applied: 'unknown' });
    const { value } = await desk.importThread(input);
    expect(value).toMatchObject({ outcome: 'existing', messages: [{ outcome: 'stored' }] });
    expect(emulator.state.threads.size).toBe(1);
  });

  it('keeps a message without words, and says how', async () => {
    const { desk } = workspace();
    const { value, losses } = await desk.importThread({ ...input, messages: [{ ...message, body: text('') }] });
    expect(losses).toMatchObject([{ field: 'messages.0.body', how: 'changed' }]);
    expect(await collect(desk.listMessages(value.thread.id))).toHaveLength(1);
  });
});

describe('history', () => {
  it('is stored 25 messages at a time, and one that is refused does not stop the others', async () => {
    const { desk, emulator } = workspace({ textLimit: 100 });
    const messages = Array.from({ length: 30 }, (_, index) => ({
      externalId: `m-${index}`,
      kind: 'inbound' as const,
      body: text(index === 7 ? 'x'.repeat(101) : `message ${index}`),
      createdAt: new Date(past.getTime() + index * 1000),
    }));
    const { value } = await desk.importThread({
      contact,
      title: 'Old',
      externalId: 'e',
      createdAt: past,
      messages: [...messages].reverse(),
    });
    expect(value.messages.filter(({ outcome }) => outcome === 'refused')).toMatchObject([
      { externalId: 'm-7', id: undefined },
    ]);
    expect(value.messages.map(({ externalId }) => externalId)).toEqual(
      messages.map(({ externalId }) => externalId).reverse(),
    );
    expect(await collect(desk.listMessages(value.thread.id))).toHaveLength(29);
    expect(emulator.postRoom.delivered).toHaveLength(0);
  });

  it('names the user given for all where a message names no author', async () => {
    const { desk, emulator } = workspace();
    const message = {
      externalId: 'm',
      kind: 'note',
      body: text('x'),
      createdAt: past,
      author: { name: 'Grace' },
    } as const;
    const { value, losses } = await desk.importThread({
      contact,
      title: 'Old',
      externalId: 'e',
      createdAt: past,
      messages: [message],
      providerOptions: { plain: { userId: emulator.userId } },
    });
    expect(losses).toContainEqual({ field: 'messages.0.author', how: 'changed', stored: 'the user given for all' });
    expect((await collect(desk.listMessages(value.thread.id)))[0]).toMatchObject({
      kind: 'note',
      author: { id: emulator.userId },
    });
  });
});
