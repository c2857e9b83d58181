/** The desks of the bridge's benches: one that answers at once, and one that takes its time. */
import { createMemoryHelpdesk } from '../dist/testing/index.js';

export const input = {
  contact: { email: 'ada@customer.example', name: 'Ada Brandt' },
  title: 'Export is empty since Monday',
  body: {
    format: 'text',
    content: 'Hello,\n\nsince Monday the weekly export holds only the header line. The filter is unchanged.\n\nAda',
  },
};

/** Keeps nothing and answers at once, but asks its caller before each write, as an adapter does. */
export async function instantDesk(name) {
  const { helpdesk } = createMemoryHelpdesk({ name });
  const { value: sample } = await helpdesk.createThread(input);
  const write = async ({ contact: { email } }, call) => {
    await call?.beforeRequest?.({ access: 'write' });
    const contact = { ...sample.contact, id: `${name} ${email}`, email };
    return { ...sample, id: crypto.randomUUID(), createdAt: new Date(), contact };
  };
  return {
    ...helpdesk,
    createThread: async (given, call) => ({ value: await write(given, call), losses: [] }),
    async importThread({ messages, ...given }, call) {
      const thread = await write(given, call);
      const stored = messages.map(({ externalId }) => ({ externalId, outcome: 'stored', id: crypto.randomUUID() }));
      return { value: { thread, outcome: 'stored', messages: stored }, losses: [] };
    },
  };
}
