/** Whether both desks tell callers the same when all is done, and whether the reads change nothing. */
import type { Operation, Side } from '../../../src/store/store.ts';
import { type Held, threadsOn } from './contents.ts';
import { lateMs, networkMs } from './limits.ts';
import { misread } from './reads.ts';
import type { DeskName, Reading } from './steps.ts';
import type { KnownThread } from './told.ts';
import type { World } from './world.ts';

/** A thread that both desks hold. */
export interface InStep {
  readonly thread: KnownThread;
  readonly pair: Readonly<Record<Side, Held>>;
  /** Everything that was done to it. */
  readonly operations: readonly Operation[];
}

const comparing = [
  { stage: 'shadow', primary: 'from' },
  { stage: 'live', primary: 'to' },
] as const;

/** At one of the stages that compare, by chance: each read costs time. */
export async function checkRest(world: World, threads: readonly KnownThread[], inStep: readonly InStep[]) {
  const { current, reader, store, nameOf, machine } = world;
  const oneOf = <T>(items: readonly [T, ...T[]]): T => items[Math.floor(machine.random() * items.length)] ?? items[0];
  const { stage, primary } = oneOf<(typeof comparing)[number]>(comparing);
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
    const left = fields.filter((field) => !one || !isExplained(field, one, primary, nameOf[primary]));
    if (left.length > 0)
      throw new Error(`at ${stage}, ${operation} of ${one?.thread.title} differs: ${left.join(', ')}`);
  }
  if ((await everything(world)) !== before) throw new Error('a read has changed something');
}

/** Why both desks may tell something else and be right. */
function isExplained(field: string, { operations, pair }: InStep, side: Side, primary: DeskName): boolean {
  if (field.startsWith('messages.')) {
    // What Productlane has recorded of the other desk's it tells in other words, which the comparison expects of a mirror only.
    return primary === 'productlane' && operations.some((one) => one.primary !== side || one.method === 'adoptThread');
  }
  if (field !== 'status' && field !== 'status.until') return false;
  // Plain opens a thread by itself when somebody replies, and nobody tells the other desk.
  if (operations.some(({ method, state }) => method === 'reply' && state === 'done')) return true;
  if (field === 'status') return false;
  const losses = operations.flatMap((one) => [...one.losses, ...one.mirrorLosses]);
  if (losses.some((loss) => loss.field === field)) return true;
  // Plain is told for how long, and counts from when it hears of it.
  const apartMs = Math.abs((pair.from.until ?? 0) - (pair.to.until ?? 0));
  return apartMs <= networkMs + lateMs + 1000;
}

async function everything(world: World): Promise<string> {
  const operations = await world.store.listOperations({}, { limit: 1000 });
  return JSON.stringify([threadsOn(world, 'from'), threadsOn(world, 'to'), operations]);
}
