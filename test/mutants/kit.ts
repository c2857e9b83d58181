/** What the sabotaged desks are made of. */
import type { Helpdesk } from '../../src/core/helpdesk.ts';
import type { Loss, Message, Thread, Written } from '../../src/core/model.ts';
import type { World } from '../../src/testing/index.ts';

/** What of a desk is replaced. `world` is the one before the sabotage. */
export type Sabotage = (desk: Helpdesk, world: World) => Partial<Helpdesk>;

/** By the name of the case that must catch each of them. */
export type Mutants = Readonly<Record<string, Sabotage | readonly Sabotage[]>>;

type ThreadChange = (thread: Thread) => Partial<Thread>;

/** Wherever threads come out. */
export const threads =
  (change: ThreadChange): Sabotage =>
  (desk) => ({
    getThread: async (...input) => changed(await desk.getThread(...input), change),
    createThread: async (...input) => written(await desk.createThread(...input), (value) => changed(value, change)),
    updateThread: async (...input) => written(await desk.updateThread(...input), (value) => changed(value, change)),
  });

/** Only where a thread is read, so that the answer of a write stays right. */
export const readThreads =
  (change: ThreadChange): Sabotage =>
  (desk) => ({ getThread: async (...input) => changed(await desk.getThread(...input), change) });

export const messages =
  (change: (all: Message[]) => Message[]): Sabotage =>
  (desk) => ({
    async *listMessages(...input) {
      yield* change(await collected(desk.listMessages(...input)));
    },
  });

/** Every write answers with other losses. */
export const losses =
  (change: (losses: readonly Loss[]) => readonly Loss[]): Sabotage =>
  (desk) => {
    const lossy = <T>({ value, losses }: Written<T>): Written<T> => ({ value, losses: change(losses) });
    return {
      upsertContact: async (...input) => lossy(await desk.upsertContact(...input)),
      createThread: async (...input) => lossy(await desk.createThread(...input)),
      updateThread: async (...input) => lossy(await desk.updateThread(...input)),
      reply: async (...input) => lossy(await desk.reply(...input)),
      importThread: async (...input) => lossy(await desk.importThread(...input)),
      recordMessages: async (...input) => lossy(await desk.recordMessages(...input)),
    };
  };

export const silent: Sabotage = losses(() => []);

export const without = (field: string): Sabotage =>
  losses((all) => all.filter((loss) => !loss.field.startsWith(field)));

/** The input of `createThread`, and of nothing else, is changed on its way. */
export const created =
  (
    change: (input: Parameters<Helpdesk['createThread']>[0]) => Partial<Parameters<Helpdesk['createThread']>[0]>,
  ): Sabotage =>
  (desk) => ({ createThread: (input, call) => desk.createThread({ ...input, ...change(input) }, call) });

export const updated =
  (change: (input: Parameters<Helpdesk['updateThread']>[1]) => Parameters<Helpdesk['updateThread']>[1]): Sabotage =>
  (desk) => ({ updateThread: (id, input, call) => desk.updateThread(id, change(input), call) });

export function written<T>({ value, losses }: Written<T>, change: (value: T) => T): Written<T> {
  return { value: change(value), losses };
}

export function changed(thread: Thread, change: ThreadChange): Thread {
  return { ...thread, ...change(thread) };
}

export async function collected<T>(items: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const item of items) all.push(item);
  return all;
}
