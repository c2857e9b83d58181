/** What an emulated desk of 100 000 threads takes in a process of its own: memory at its peak, and the time of a page, in process. */
import { ThreadsDocument, ThreadTimelineDocument } from '../dist/providers/plain/generated/graphql.js';
import { messageTypes } from '../dist/providers/plain/timeline.js';
import { emulatePlain, emulateProductlane } from '../dist/testing/index.js';

const pages = 60;
const seed = 'large';

/** Each gives one page, and where the next one begins. */
const desks = {
  productlane() {
    const emulator = emulateProductlane({ seed, rateLimits: false });
    const get = async (path) => (await ask(emulator, path)).json();
    return {
      emulator,
      usual: 50,
      largest: 200,
      async page(limit, cursor) {
        const { data, page } = await get(`/threads?limit=${limit}${cursor ? `&cursor=${cursor}` : ''}`);
        return { ids: data.map(({ id }) => id), next: page.cursor };
      },
      messages: async (id) => (await get(`/threads/${id}/messages`)).data.length,
    };
  },
  plain() {
    const emulator = emulatePlain({ seed, rateLimit: false });
    const query = async (document, variables) => {
      const body = JSON.stringify({ query: document, variables });
      const { data } = await (await ask(emulator, '', { method: 'POST', body })).json();
      return data;
    };
    return {
      emulator,
      usual: 25,
      largest: 100,
      async page(first, after) {
        const sortBy = { field: 'CREATED_AT', direction: 'DESC' };
        const { edges, pageInfo } = (await query(ThreadsDocument, { filters: {}, sortBy, first, after })).threads;
        return { ids: edges.map(({ node }) => node.id), next: pageInfo.endCursor };
      },
      async messages(threadId) {
        const { thread } = await query(ThreadTimelineDocument, { threadId, entryTypes: messageTypes, first: 25 });
        return thread.timelineEntries.edges.length;
      },
    };
  },
};

const desk = desks[process.argv[2]]();
const usualPageMs = await walk(desk.usual);
const largestPageMs = await walk(desk.largest);
const messagesMs = await readMessages();
process.send({ mb: (process.resourceUsage().maxRSS * 1024) / 1e6, usualPageMs, largestPageMs, messagesMs });
process.disconnect();

function ask({ baseUrl, apiKey, fetch }, path, init = {}) {
  const headers = { authorization: `Bearer ${apiKey}`, 'user-agent': 'bench', 'content-type': 'application/json' };
  return fetch(baseUrl + path, { ...init, headers });
}

/** Page after page, after some that warm up. */
async function walk(limit) {
  const times = [];
  let cursor;
  for (let count = 0; count < pages; count += 1) {
    const start = performance.now();
    const { ids, next } = await desk.page(limit, cursor);
    times.push(performance.now() - start);
    if (ids.length !== limit || !next) throw new Error('the walk ended early');
    cursor = next;
  }
  return times.slice(10);
}

async function readMessages() {
  const { ids } = await desk.page(desk.usual);
  const times = [];
  for (const id of ids) {
    const start = performance.now();
    const count = await desk.messages(id);
    times.push(performance.now() - start);
    if (count < 5) throw new Error('a thread has fewer messages than it was given');
  }
  return times;
}
