/** What callers leave behind whose primary has answered: jobs for the mirror. */
import { input, instantDesk } from './bridge-desks.mjs';

/** Each on a thread and of a contact of its own. */
export async function fill(store, jobs) {
  const desk = await instantDesk('primary');
  let left = jobs;
  const caller = async () => {
    while (left > 0) {
      left -= 1;
      const [id, now] = [crypto.randomUUID(), Date.now()];
      const lease = { lane: id, owner: id, now, until: now + 60_000 };
      const given = { ...input, contact: { email: `${id}@customer.example` } };
      const about = { id, lane: id, key: undefined, fingerprint: id, method: 'createThread', input: given };
      await store.begin({ ...about, primary: 'from', mirrored: true, createdAt: now }, lease);
      const { value: result } = await desk.createThread(given);
      const link = { to: undefined, externalId: undefined };
      const links = [
        { ...link, kind: 'thread', lane: id, from: result.id },
        { ...link, kind: 'contact', lane: `contact:${id}`, from: result.contact.id },
      ];
      await store.settle(id, { state: 'done', result, losses: [], links }, lease);
    }
  };
  await Promise.all(Array.from({ length: 8 }, caller));
}
