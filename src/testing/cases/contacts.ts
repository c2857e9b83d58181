/** Whether contacts are found, created and told apart. */
import assert from 'node:assert/strict';
import type { Case } from '../world.ts';
import { collect, failureOf, lostOf, open, unique } from './steps.ts';

export const contactCases: readonly Case[] = [
  {
    name: 'reads back the contact it created',
    safe: true,
    async run({ helpdesk, email }) {
      const address = email();
      const { value, losses } = await helpdesk.upsertContact({ email: address, name: 'Ada Lovelace' });
      assert.deepEqual(losses, []);
      for (const contact of [value, await helpdesk.getContact(value.id), await helpdesk.findContact(address)]) {
        assert.deepEqual([contact?.id, contact?.email, contact?.name], [value.id, address, 'Ada Lovelace']);
        assert.ok(contact && Math.abs(contact.createdAt.getTime() - Date.now()) < 3_600_000, 'not created now');
      }
    },
  },
  {
    name: 'finds a contact by address without case, and none by a stranger’s',
    safe: true,
    async run({ helpdesk, email }) {
      const address = email();
      const { value } = await helpdesk.upsertContact({ email: address });
      assert.equal((await helpdesk.findContact(address.toUpperCase()))?.id, value.id);
      assert.equal(await helpdesk.findContact(email()), undefined);
    },
  },
  {
    name: 'creates one contact for one address, whatever its case',
    safe: true,
    async run({ helpdesk, email }) {
      const address = email();
      const first = await helpdesk.upsertContact({ email: address.toUpperCase() });
      const second = await helpdesk.upsertContact({ email: ` ${address} `.trim() });
      const thread = await helpdesk.createThread({
        contact: { email: address.toUpperCase() },
        title: 'Login fails',
        body: { format: 'text', content: 'It says no.' },
      });
      assert.deepEqual([second.value.id, thread.value.contact?.id], [first.value.id, first.value.id]);
      assert.equal(first.value.email, address);
    },
  },
  {
    name: 'takes no look-alike for the contact',
    safe: true,
    async run({ helpdesk, email }) {
      const address = email();
      const lookalikes = [`jo${address}`, `${address}.example`, address.replace('@', '+1@')];
      const others = [];
      for (const lookalike of lookalikes) others.push((await helpdesk.upsertContact({ email: lookalike })).value.id);
      assert.equal(await helpdesk.findContact(address), undefined);
      const { value } = await helpdesk.upsertContact({ email: address });
      assert.ok(!others.includes(value.id), 'a look-alike was taken for the contact');
      assert.equal((await helpdesk.findContact(address))?.id, value.id);
    },
  },
  {
    name: 'sets the name of a contact where it is given, and leaves it where not',
    safe: true,
    async run({ helpdesk, email }) {
      const address = email();
      const nameAfter = async (name?: string): Promise<string | undefined> => {
        const { value } = await helpdesk.upsertContact({ email: address, name });
        assert.equal((await helpdesk.getContact(value.id)).name, value.name);
        return value.name;
      };
      assert.equal(await nameAfter('Ada'), 'Ada');
      assert.equal(await nameAfter(), 'Ada');
      assert.equal(await nameAfter('Ada Lovelace'), 'Ada Lovelace');
    },
  },
  {
    name: 'leaves a contact as it is when a thread names it by e-mail',
    safe: true,
    async run(world) {
      const email = world.email();
      const { value } = await world.helpdesk.upsertContact({ email, name: 'Ada' });
      const thread = await open(world, { contact: { email, name: 'Somebody else' } });
      assert.equal(thread.value.contact?.id, value.id);
      assert.equal((await world.helpdesk.getContact(value.id)).name, 'Ada');
    },
  },
  {
    name: 'opens a thread for a contact named by id',
    safe: true,
    async run(world) {
      const { value } = await world.helpdesk.upsertContact({ email: world.email(), name: 'Ada' });
      const thread = await open(world, { contact: { id: value.id } });
      assert.deepEqual([thread.value.contact?.id, thread.value.contact?.email], [value.id, value.email]);
    },
  },
  {
    name: 'opens no thread for a contact that does not exist',
    safe: true,
    async run(world) {
      const error = await failureOf(open(world, { contact: { id: world.known.absent.contactId } }));
      assert.ok(error.kind === 'not-found' || error.kind === 'invalid', `kind is ${error.kind}`);
      assert.equal(error.applied, 'no');
    },
  },
  {
    name: 'keeps the external id of a contact, and names a thread’s contact by it',
    when: (traits) => traits.keepsExternalIds,
    safe: true,
    async run(world) {
      const externalId = unique('contact');
      const { value, losses } = await world.helpdesk.upsertContact({ email: world.email(), externalId });
      assert.deepEqual([value.externalId, losses], [externalId, []]);
      assert.equal((await world.helpdesk.getContact(value.id)).externalId, externalId);
      assert.equal((await open(world, { contact: { externalId } })).value.contact?.id, value.id);
    },
  },
  {
    name: 'refuses an external id that another contact has',
    when: (traits) => traits.keepsExternalIds,
    safe: true,
    async run({ helpdesk, email }) {
      const externalId = unique('contact');
      await helpdesk.upsertContact({ email: email(), externalId });
      const error = await failureOf(helpdesk.upsertContact({ email: email(), externalId }));
      assert.deepEqual([error.kind, error.applied], ['conflict', 'no']);
      assert.deepEqual(
        error.issues.map(({ path }) => path),
        ['externalId'],
      );
    },
  },
  {
    name: 'names the external id of a contact it cannot keep, and takes none for a thread’s contact',
    when: (traits) => !traits.keepsExternalIds,
    safe: true,
    async run(world) {
      const externalId = unique('contact');
      const { value, losses } = await world.helpdesk.upsertContact({ email: world.email(), externalId });
      assert.deepEqual([value.externalId, losses], [undefined, [{ field: 'externalId', how: 'dropped' }]]);
      const error = await lostOf(world, open(world, { contact: { externalId } }));
      assert.equal(error?.kind ?? 'unsupported', 'unsupported');
    },
  },
  {
    name: 'lists each contact once while others arrive',
    safe: false,
    async run({ helpdesk, email }) {
      const expected = new Set<string>();
      for (let count = 0; count < 5; count++) expected.add((await helpdesk.upsertContact({ email: email() })).value.id);
      const seen: string[] = [];
      for await (const { id } of helpdesk.listContacts()) {
        if (seen.push(id) < 4) await helpdesk.upsertContact({ email: email() });
      }
      assert.equal(new Set(seen).size, seen.length, 'a contact came twice');
      assert.ok(
        [...expected].every((id) => seen.includes(id)),
        'a contact was skipped',
      );
    },
  },
  {
    name: 'lists the contacts that changed since a time, that time included',
    safe: true,
    async run({ helpdesk, email }) {
      const early = (await helpdesk.upsertContact({ email: email() })).value;
      const middle = (await helpdesk.upsertContact({ email: email() })).value;
      const late = (await helpdesk.upsertContact({ email: email() })).value;
      const seen = (await collect(helpdesk.listContacts({ updatedSince: middle.updatedAt }))).map(({ id }) => id);
      assert.deepEqual(
        [early, middle, late].map(({ id }) => seen.includes(id)),
        [false, true, true],
      );
    },
  },
];
