/** What must be true of both desks and the store when a schedule has come to rest, whatever happened on the way. */
import type { Link, Operation, Side } from '../../../src/store/store.ts';
import { contactName, count, type Held, threadsOn } from './contents.ts';
import { wordsOf } from './finish.ts';
import { disorder } from './order.ts';
import { checkRest, type InStep } from './rest.ts';
import { people } from './steps.ts';
import { emailOf, isMistake, type KnownThread, openingOf, type Told } from './told.ts';
import type { World } from './world.ts';

interface Ended {
  readonly world: World;
  readonly told: readonly Told[];
  readonly threads: readonly KnownThread[];
  /** Oldest first. */
  readonly operations: readonly Operation[];
  /** The operations that a person had to decide about. */
  readonly late: ReadonlySet<string>;
  readonly held: Readonly<Record<Side, readonly Held[]>>;
}

const sides = ['from', 'to'] as const;

export async function checkAll(
  world: World,
  told: readonly Told[],
  threads: readonly KnownThread[],
  late: ReadonlySet<string>,
): Promise<void> {
  const operations = (await world.store.listOperations({}, { limit: 1000 })).toReversed();
  const held = { from: threadsOn(world, 'from'), to: threadsOn(world, 'to') };
  const ended = { world, told, threads, operations, late, held };
  checkTold(ended);
  checkDeliveries(ended);
  const inStep: InStep[] = [];
  for (const thread of threads) inStep.push(...(await checkThread(ended, thread)));
  checkContacts(ended);
  await checkRest(world, threads, inStep);
}

function must(holds: boolean, what: string): void {
  if (!holds) throw new Error(what);
}

/** Callers were told the truth, no call failed of the bridge itself, and one key stood for one write. */
function checkTold({ told, operations }: Ended): void {
  const stateOf = new Map(operations.map(({ id, state }) => [id, state]));
  for (const { done, failed, method } of told) {
    must(!failed || !isMistake(failed), `a ${method} fails: ${failed?.message}`);
    if (done)
      must(stateOf.get(done.operationId) === 'done', `a ${method} succeeded and is ${stateOf.get(done.operationId)}`);
    if (failed?.applied === 'no' && failed.operationId !== undefined) {
      must(stateOf.get(failed.operationId) !== 'done', `a ${method} failed and is done`);
    }
  }
  for (const key of new Set(told.map((one) => one.key).filter((one) => one !== undefined))) {
    const same = told.filter((one) => one.key === key);
    must(new Set(same.flatMap(({ done }) => done?.operationId ?? [])).size < 2, `${key} stands for two writes`);
    const ids = new Set(same.flatMap(({ done }) => (done ? [(done.value as { id?: string }).id] : [])));
    must(ids.size < 2, `${key} has two results`);
  }
}

/** Each reply that is done was delivered once, by its primary, to its contact; and nothing else was. */
function checkDeliveries({ world, told, threads, operations }: Ended): void {
  const delivered = sides.flatMap((side) =>
    world.emulators[world.nameOf[side]].postRoom.delivered.map((one) => ({ ...one, side })),
  );
  const replies = operations.filter(({ method, state }) => method === 'reply' && state === 'done');
  for (const words of new Set(told.filter(({ method }) => method === 'reply').map(({ text }) => text ?? ''))) {
    const ours = replies.filter((reply) => wordsOf(reply) === words);
    for (const side of sides) {
      const wanted = ours.filter(({ primary }) => primary === side).length;
      const got = delivered.filter((one) => one.side === side && count([one.body], words) > 0).length;
      must(got === wanted, `${wanted} replies of ${side} are done, ${got} were delivered: ${words}`);
    }
    const calls = told.filter(({ text }) => text === words);
    const writes = new Set(calls.map(({ key }, index) => key ?? index)).size;
    const refused = calls.filter(({ failed, key }) => failed?.applied === 'no' && key === undefined).length;
    must(ours.length <= writes - refused, `${writes - refused} replies were wanted, ${ours.length} are done: ${words}`);
  }
  must(
    delivered.every(({ body }) => !body.includes('secret')),
    'a note was delivered',
  );
  must(
    delivered.every(({ body }) => !body.includes('opening')),
    'an opening message was delivered',
  );
  for (const { body, to, cc, bcc } of delivered) {
    const thread = threads.find(({ title }) => body.includes(`of ${title} end`));
    const got = [...to, ...cc, ...bcc].map(({ email }) => email);
    must(thread !== undefined && got.length === 1 && got[0] === emailOf(thread.who), `somebody else got it: ${body}`);
  }
}

/** Gives it where both desks hold it. */
async function checkThread(ended: Ended, thread: KnownThread): Promise<readonly InStep[]> {
  const { world, operations, held } = ended;
  const opening = openingOf(thread.title);
  const creations = operations.filter(
    ({ method, input }) => method === 'createThread' && (input as { title: string }).title === thread.title,
  );
  const created = creations.find(({ state }) => state === 'done');
  const id = thread.old ?? (created?.result as { id: string } | undefined)?.id;
  const link = id === undefined ? undefined : await linkOf(world, id);
  const ids = new Set([id, link?.from, link?.to].filter((one) => one !== undefined));
  const own = operations.filter((one) => ids.has(threadIdOf(one) ?? '')).sort((a, b) => a.position - b.position);
  const end = own.find(({ method, state }) => method === 'deleteThread' && state === 'done');
  const whole = [...creations, ...operations.filter((one) => ids.has(adoptedIdOf(one) ?? '')), ...own];
  const touched = whole.some(({ state }) => state === 'done');
  const on = {
    from: held.from.filter(({ shown, notes }) => count([...shown, ...notes], opening) > 0),
    to: held.to.filter(({ shown, notes }) => count([...shown, ...notes], opening) > 0),
  };
  if (!created && thread.old === undefined) {
    must(on.from.length + on.to.length === 0, `${thread.title} was not created, and is there`);
    return [];
  }
  if (end) {
    must(on[end.primary].length === 0, `${thread.title} is deleted, and is there`);
    must(on.from.length + on.to.length === 0, `the copy of ${thread.title} outlives it`);
    return [];
  }
  must(
    on.from.length <= 1 && on.to.length <= 1,
    `${thread.title} is there ${on.from.length} and ${on.to.length} times`,
  );
  if (!touched) {
    must(on.from.length + on.to.length > 0, `${thread.title} is lost`);
    return [];
  }
  const [from] = on.from;
  const [to] = on.to;
  if (!from || !to) throw new Error(`${thread.title} is on ${from ? 'from' : to ? 'to' : 'no desk'} only`);
  must(link?.from === from.id && link.to === to.id, `${thread.title} is linked to something else`);
  checkWords(ended, thread, own, { from, to });
  checkFields(thread, own, { from, to });
  for (const side of sides) {
    const found = disorder({ desk: world.nameOf[side], side, held: { from, to }[side] }, own, ended.late);
    must(found.length === 0, `${thread.title} is out of order on ${side}: ${found.join('; ')}`);
  }
  return [{ thread, pair: { from, to }, operations: whole }];
}

async function linkOf({ store }: World, id: string): Promise<Link | undefined> {
  return (await store.findLink('thread', 'from', id)) ?? (await store.findLink('thread', 'to', id));
}

function threadIdOf({ method, input }: Operation): string | undefined {
  const given = input as { id?: string; threadId?: string };
  return method === 'adoptThread' ? undefined : (given.threadId ?? given.id);
}

/** The thread that an operation has brought over. */
function adoptedIdOf({ method, input }: Operation): string | undefined {
  return method === 'adoptThread' ? (input as { id: string }).id : undefined;
}

type Pair = Readonly<Record<Side, Held>>;

/** Each message is once on each desk; notes are notes, and nothing else is where the contact could see it. */
function checkWords({ told }: Ended, { title }: KnownThread, own: readonly Operation[], pair: Pair): void {
  const written = told.filter(({ text }) => text?.endsWith(`of ${title} end`)).map(({ text }) => text ?? '');
  for (const words of new Set(written)) {
    const done = own.filter((one) => one.state === 'done' && wordsOf(one) === words && one.method !== 'createThread');
    const [first] = done;
    const wanted = words.startsWith('begin opening') ? 1 : done.length;
    for (const side of sides) {
      const { shown, notes } = pair[side];
      const got = count([...shown, ...notes], words);
      must(got === wanted, `${got} times instead of ${wanted} on ${side}: ${words}`);
      if (first?.method === 'addNote') must(count(shown, words) === 0, `a note can be seen on ${side}: ${words}`);
    }
  }
}

function checkFields({ title }: KnownThread, own: readonly Operation[], { from, to }: Pair): void {
  const updates = own.filter(({ method, state }) => method === 'updateThread' && state === 'done');
  const changes = updates.map(({ input }) => (input as { changes: Record<string, unknown> }).changes);
  const last = Object.assign({}, ...changes) as { title?: string; priority?: string; status?: { is: string } };
  const wanted = last.title ?? title;
  must(from.title === wanted && to.title === wanted, `${wanted} is called ${from.title} and ${to.title}`);
  const pain = { urgent: 'HIGH', high: 'HIGH', normal: 'MEDIUM', low: 'LOW' }[last.priority ?? 'normal'];
  must(from.priority === pain && to.priority === pain, `${title} is ${from.priority} and ${to.priority}, not ${pain}`);
  // Some desks open a thread by themselves when somebody replies.
  const replied = own.some(({ method, state }) => method === 'reply' && state === 'done');
  const status = last.status?.is ?? 'open';
  if (!replied)
    must(from.status === status && to.status === status, `${title} is ${from.status} and ${to.status}, not ${status}`);
}

function checkContacts({ world, operations }: Ended): void {
  for (let who = 0; who < people; who++) {
    const email = emailOf(who);
    const names = operations
      .filter(({ method, state }) => method === 'upsertContact' && state === 'done')
      .map(({ input, position }) => ({ ...(input as { email: string; name: string }), position }))
      .filter((input) => input.email === email)
      .sort((a, b) => a.position - b.position);
    const wanted = names.at(-1)?.name;
    if (wanted === undefined) continue;
    for (const side of sides) {
      const got = contactName(world, world.nameOf[side], email);
      must(got === wanted, `a contact is called ${got} on ${side}, not ${wanted}`);
    }
  }
}
