/** Whether both desks tell callers the same when all is done, and whether the reads change nothing. */
import type { Operation, Side } from '../../../src/store/store.ts';
import { type Held, threadsOn } from './contents.ts';
import { misread } from './reads.ts';
import type { Reading } from './steps.ts';
import type { KnownThread } from './told.ts';
import type { World } from './world.ts';

/** A thread that both desks hold. */
export interface InStep {
  readonly thread: KnownThread;
  readonly pair: Readonly<Record<Side, Held>>;
  /** Everything that was done to it. */
  readonly operations: readonly Operation[];
}

/** In every second schedule, at one of the stages that compare, both by chance: each read costs time. */
export async function checkRest(world: World, threads: readonly KnownThread[], inStep: readonly InStep[]) {
  const { current, reader, store, machine } = world;
  if (machine.random() < 0.5) return;
  const oneOf = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(machine.random() * items.length)] ?? items[0];
  const stage = oneOf<'shadow' | 'live'>(['shadow', 'live']);
  const settled = inStep.map(({ thread }) => thread);
  const before = await everything(world);
  const earlier = (await store.listComparisons(1000)).length;
  current.stage = stage;
  for (const { thread, pair } of inStep) {
    const what = oneOf<Reading>(['thread', 'messages', 'find', 'list', 'list-of-contact']);
    const id = oneOf([pair.from.id, pair.to.id, thread.externalId ?? pair.to.id]);
    const mistake = await misread(reader, what, { thread, threads, id, settled });
    if (mistake !== undefined) throw new Error(`at ${stage}, ${mistake}`);
  }
  await reader.close();
  const { compared } = await reader.verify();
  if (compared !== inStep.length) throw new Error(`${compared} of ${inStep.length} threads are compared at ${stage}`);
  const comparisons = await store.listComparisons(1000);
  for (const { operation, id, fields } of comparisons.slice(0, comparisons.length - earlier)) {
    const one = inStep.find(({ thread, pair }) => [pair.from.id, pair.to.id, thread.externalId].includes(id));
    const left = fields.filter((field) => !one || !isExplained(field, one));
    if (left.length > 0)
      throw new Error(`at ${stage}, ${operation} of ${one?.thread.title} differs: ${left.join(', ')}`);
  }
  if ((await everything(world)) !== before) throw new Error('a read has changed something');
}

/** Why both desks may tell something else and be right. */
function isExplained(field: string, { operations }: InStep): boolean {
  // Plain opens a thread by itself when somebody replies, and nobody tells the other desk.
  return field === 'status' && operations.some(({ method, state }) => method === 'reply' && state === 'done');
}

async function everything(world: World): Promise<string> {
  const operations = await world.store.listOperations({}, { limit: 1000 });
  return JSON.stringify([threadsOn(world, 'from'), threadsOn(world, 'to'), operations]);
}
