/** The end of a schedule: nothing fails any more, and everything that waits is done, by a person where need be. */
import type { Operation } from '../../../src/store/store.ts';
import { count, threadsOn } from './contents.ts';
import { openingOf } from './told.ts';
import type { Running, World } from './world.ts';

const rounds = 300;
/** Longer than anything that is late. */
const aWhileMs = 60_000;

/** What a person had to decide about, by the ids of the operations. */
export interface Decided {
  readonly unclear: ReadonlySet<string>;
  readonly dead: ReadonlySet<string>;
}

export async function finish(world: World, running: readonly Running[]): Promise<Decided> {
  const { machine, emulators, store } = world;
  emulators.productlane.faults.clear();
  emulators.plain.faults.clear();
  await machine.until(() => running.every(({ calls }) => calls === 0));
  const bridge = running[0]?.bridge;
  const decided = { unclear: new Set<string>(), dead: new Set<string>() };

  async function during<T>(work: Promise<T>): Promise<T> {
    let ended = false;
    const end = () => {
      ended = true;
    };
    work.then(end, end);
    await machine.until(() => ended);
    return work;
  }

  // Comparisons that reads have left.
  for (const { reader } of running) await during(reader.close());
  // Before what is late has arrived: at once, and after the shortest wait between two tries.
  for (const waitMs of [0, 1000]) {
    await machine.advance(waitMs);
    if (bridge) await during(bridge.drain());
  }
  await machine.advance(aWhileMs);
  for (let round = 0; ; round++) {
    const { pending, queued, unclear, dead } = await store.figures();
    if (pending + queued + unclear + dead === 0) break;
    if (!bridge || round > rounds) throw new Error(`it does not come to rest: ${pending} pending, ${queued} queued`);
    if (pending + queued > 0) {
      const due = await store.nextDue();
      await machine.advance(Math.max(1, (due ?? 0) - machine.clock.elapsedMs()));
      await during(bridge.drain());
    } else if (unclear > 0) {
      const [operation] = await store.listOperations({ state: 'unclear' }, { limit: 1 });
      if (operation) {
        decided.unclear.add(operation.id);
        const decision = (await hasHappened(world, operation)) ? 'happened' : 'did-not-happen';
        await during(bridge.decide(decision, [operation.id]));
      }
    } else {
      for (const { id } of await store.listOperations({ mirror: 'dead' }, { limit: 1000 })) decided.dead.add(id);
      await during(bridge.decide('retry', 'all'));
    }
  }
  await machine.advance(aWhileMs);
  return decided;
}

/** What a person sees who compares the desk with what is known to be written. */
async function hasHappened(world: World, operation: Operation): Promise<boolean> {
  const { method, primary, input } = operation;
  const threads = threadsOn(world, primary);
  const all = threads.flatMap(({ shown, notes }) => [...shown, ...notes]);
  if (method === 'createThread') return count(all, openingOf((input as { title: string }).title)) > 0;
  if (method === 'deleteThread') {
    const { id } = operation.input as { id: string };
    const link = (await world.store.findLink('thread', 'from', id)) ?? (await world.store.findLink('thread', 'to', id));
    return threads.every((thread) => thread.id !== (link?.[primary] ?? id));
  }
  if (method !== 'reply' && method !== 'addNote') throw new Error(`${method} is unclear`);
  const words = wordsOf(operation) ?? '';
  // What was sent can be read where it was received, also when its thread is gone.
  const { delivered } = world.emulators[world.nameOf[primary]].postRoom;
  const written = method === 'reply' ? delivered.map(({ body }) => body) : all;
  const others = await world.store.listOperations({ state: 'done' }, { limit: 1000 });
  const accounted = others.filter(
    (other) => other.method === method && other.primary === primary && wordsOf(other) === words,
  );
  return count(written, words) > accounted.length;
}

export function wordsOf({ input }: Operation): string | undefined {
  return (input as { body?: { content: string } }).body?.content;
}
