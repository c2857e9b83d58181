/** One contender in a process of its own: creates as many threads as it is told, and says how long that took. */
import { createRateBudget } from '../dist/index.js';

const [name, origin] = process.argv.slice(2);
const apiKey = 'bench-key';
const budget = createRateBudget({ all: 1e6 });
const title = 'Export is empty since Monday';
const text =
  'Hello,\n\nsince Monday the weekly export holds only the header line. The filter is unchanged and the preview shows all 214 rows.\n\nKind regards\nAda';

/** Each gives the call to repeat. Their modules are loaded by those who need them. */
const contenders = {
  async plain() {
    const { createPlain } = await import('../dist/providers/plain/index.js');
    const desk = createPlain({ apiKey, baseUrl: `${origin}/graphql`, budget });
    const input = { contact: { id: 'c_01JD3Q5V9W8X7Y6Z5A4B3C2D1E' }, title, body: { format: 'text', content: text } };
    return async () => (await desk.createThread(input)).value.id;
  },
  async '@team-plain/graphql'() {
    const { PlainClient } = await import('@team-plain/graphql');
    const client = new PlainClient({ apiKey, apiUrl: `${origin}/graphql` });
    const input = {
      customerIdentifier: { customerId: 'c_01JD3Q5V9W8X7Y6Z5A4B3C2D1E' },
      title,
      components: [{ componentPlainText: { plainText: text } }],
    };
    return async () => (await client.mutation.createThread({ input })).thread.id;
  },
  async productlane() {
    const { createProductlane } = await import('../dist/providers/productlane/index.js');
    const desk = createProductlane({ apiKey, baseUrl: origin, budget });
    const input = { contact: { email: 'ada@customer.example' }, title, body: { format: 'text', content: text } };
    return async () => (await desk.createThread(input)).value.id;
  },
  async 'ky and zod'() {
    const [{ default: ky }, { wireThread }] = await Promise.all([
      import('ky'),
      import('../dist/providers/productlane/wire.js'),
    ]);
    const client = ky.create({ prefixUrl: origin, headers: { authorization: `Bearer ${apiKey}` } });
    const html = `<p>${text.replaceAll('\n\n', '</p><p>').replaceAll('\n', '<br>')}</p>`;
    const json = { contact_email: 'ada@customer.example', title, text: html, pain_level: 'UNKNOWN' };
    return async () => wireThread.parse(await client.post('threads', { json }).json()).id;
  },
};

const create = await contenders[name]();

process.on('message', async ({ calls, concurrency }) => {
  const cpu = process.cpuUsage();
  const start = performance.now();
  let left = calls;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      if (!(await create())) throw new Error('no thread was created');
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  const ms = performance.now() - start;
  const { user, system } = process.cpuUsage(cpu);
  process.send({ ms, cpuMs: (user + system) / 1000 });
});
process.on('disconnect', () => process.exit());
