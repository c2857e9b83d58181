/** Desks that are wrong about contacts. */
import type { Contact } from '../../src/core/model.ts';
import { collected, created, type Mutants, silent, without, written } from './kit.ts';

const twin = (contact: Contact): Contact => ({ ...contact, id: `${contact.id}x` });

export const contactMutants: Mutants = {
  'reads back the contact it created': [
    (desk) => ({ getContact: async (...input) => ({ ...(await desk.getContact(...input)), name: undefined }) }),
    (desk) => ({ findContact: async () => undefined, getContact: desk.getContact }),
    (desk) => ({ upsertContact: ({ name: _, ...input }) => desk.upsertContact(input) }),
  ],
  'finds a contact by address without case, and none by a stranger’s': [
    (desk) => ({
      findContact: async (email) => (/[A-Z]/.test(email) ? undefined : desk.findContact(email)),
    }),
    (desk) => ({
      findContact: async (email) => (await desk.findContact(email)) ?? (await collected(desk.listContacts()))[0],
    }),
  ],
  'creates one contact for one address, whatever its case': (desk) => ({
    upsertContact: async (input) =>
      written(await desk.upsertContact(input), (value) => (/[A-Z]/.test(input.email) ? twin(value) : value)),
  }),
  'takes no look-alike for the contact': (desk) => ({
    findContact: async (email) => (await collected(desk.listContacts())).find((one) => one.email.includes(email)),
  }),
  'sets the name of a contact where it is given, and leaves it where not': [
    (desk) => ({ upsertContact: ({ name: _, ...input }) => desk.upsertContact(input) }),
    (desk) => ({
      upsertContact: (input) =>
        desk.upsertContact({ name: 'Nobody', ...input, ...(!input.name && { name: 'Nobody' }) }),
    }),
  ],
  'leaves a contact as it is when a thread names it by e-mail': (desk) => ({
    async createThread(input) {
      const { email, name } = input.contact.email === undefined ? {} : input.contact;
      if (email && name) await desk.upsertContact({ email, name });
      return desk.createThread(input);
    },
  }),
  'opens a thread for a contact named by id': created(() => ({ contact: { email: 'somebody@customer.invalid' } })),
  'opens no thread for a contact that does not exist': created(() => ({
    contact: { email: 'somebody@customer.invalid' },
  })),
  'keeps the external id of a contact, and names a thread’s contact by it': [
    (desk) => ({ upsertContact: ({ externalId: _, ...input }) => desk.upsertContact(input) }),
    created(({ contact }) => (contact.externalId ? { contact: { email: 'somebody@customer.invalid' } } : {})),
  ],
  'refuses an external id that another contact has': (desk) => ({
    upsertContact: (input) => desk.upsertContact(input).catch(() => desk.upsertContact({ email: input.email })),
  }),
  'names the external id of a contact it cannot keep, and takes none for a thread’s contact': [
    without('externalId'),
    created(({ contact }) => (contact.externalId ? { contact: { email: 'somebody@customer.invalid' } } : {})),
  ],
  'lists each contact once while others arrive': (desk) => ({
    async *listContacts() {
      // Offset paging, two at a time: a newcomer pushes a known contact onto the next page.
      for (let skip = 0; ; skip += 2) {
        const page = (await collected(desk.listContacts())).slice(skip, skip + 2);
        if (page.length === 0) return;
        yield* page;
      }
    },
  }),
  'lists the contacts that changed since a time, that time included': [
    (desk) => ({ listContacts: () => desk.listContacts() }),
    (desk) => ({
      async *listContacts({ updatedSince } = {}) {
        for await (const contact of desk.listContacts({ updatedSince })) {
          if (!updatedSince || contact.updatedAt > updatedSince) yield contact;
        }
      },
    }),
  ],
  // Not about contacts, but about who asks.
  'says who the key is and what it lacks': [
    (desk) => ({ check: async () => ({ ...(await desk.check()), missing: ['threads:read'] }) }),
    (desk) => ({ check: async () => ({ ...(await desk.check()), actor: { id: '', name: undefined } }) }),
  ],
  'keeps a changed priority, or names what became of it': (desk, world) => ({
    ...silent(desk, world),
    updateThread: async (id) => ({ value: await desk.getThread(id), losses: [] }),
  }),
};
