/** Lets a process die at a point, starts again, and says what is wrong then. */
import { createBridge } from '../../../src/bridge/bridge.ts';
import type { Bridge } from '../../../src/bridge/interface.ts';
import type { Link, Store } from '../../../src/store/store.ts';
import type { Order } from './child.ts';
import { type Desks, lookAt, openDesks } from './desks.ts';
import type { Ground, Saved } from './ground.ts';
import type { Mutant } from './mutants.ts';
import { createPool } from './pool.ts';
import { type LiveStage, perform, prepare, type ScenarioName, wanted } from './scenarios.ts';
import { allPoints, distinctPoints, type Point, writtenPoints } from './steps.ts';

/** Past every lease, and past the time in which a request may still arrive. */
const aheadMs = 60_000 + 120_000 + 1_000;
const key = 'the-key';

/** Everything as it stands at one time: desks, store, and what the scenario needs. */
export interface Scene {
  readonly scenario: ScenarioName;
  readonly stage: LiveStage;
  readonly threadId: string;
  readonly desks: ReturnType<Desks['save']>;
  readonly store: Saved;
  /** By how much the clocks are ahead of when it began. */
  readonly aheadMs: number;
}

export interface Trials {
  /** On which engine. */
  readonly ground: Ground['name'];
  /** The scene before a scenario's call. */
  scene(scenario: ScenarioName, stage: LiveStage): Promise<Scene>;
  /** The steps of an undisturbed run, and what is wrong after it. */
  undisturbed(scene: Scene, task: 'call' | 'drain'): Promise<{ taken: readonly string[]; wrong: readonly string[] }>;
  /** What is wrong after a kill at that point and a restart. Rejects where the point is not reached. */
  crash(scene: Scene, task: 'call' | 'drain', point: Point, mutant?: Mutant): Promise<readonly string[]>;
  /** The scene that a kill at that point of the call leaves behind. */
  leave(scene: Scene, point: Point): Promise<Scene>;
  close(): Promise<void>;
}

/** `CRASH_POINTS=all`: also where nothing durable lies in between, and every recovery on every engine. */
export const thorough = process.env['CRASH_POINTS'] === 'all';

/**
 * The points that a process is killed at. Where there is only something to read
 * it dies on one engine: nothing is left of it on either.
 */
export function pointsOf(ground: Ground['name'], task: 'call' | 'drain', taken: readonly string[]): readonly Point[] {
  if (thorough) return allPoints(taken);
  return ground === 'SQLite' && task === 'call' ? distinctPoints(taken) : writtenPoints(taken);
}

export async function createTrials(ground: Ground, folder: string, size = 2): Promise<Trials> {
  const desks = await openDesks();
  const pool = await createPool(folder, size, () => (ground.name === 'PostgreSQL' ? ground.place() : undefined));
  const empty = { desks: desks.save(), store: await savedEmpty(ground) };

  const now = () => desks.clock.now().getTime();
  const bridgeOn = (store: Store, stage: LiveStage): Bridge =>
    createBridge({
      from: desks.productlane.desk,
      to: desks.plain.desk,
      stage,
      store,
      recordOptions: { plain: { userId: desks.plain.emulator.userId } },
      compare: { share: 0 },
      drain: false,
      now,
    });

  async function enter(scene: Scene): Promise<void> {
    desks.restore(scene.desks);
    await ground.restore(scene.store);
    // The desks begin anew at the same time as ever, and their records are of later.
    await desks.clock.advance(scene.aheadMs + 1_000);
  }

  function orderOf(scene: Scene, is: 'call' | 'drain'): Order {
    const { productlane, plain } = desks;
    const { scenario, stage, threadId } = scene;
    const { apiKey } = productlane.emulator;
    return {
      place: ground.place(),
      desks: {
        productlane: { url: productlane.url, apiKey },
        plain: { url: plain.url, apiKey: plain.emulator.apiKey, userId: plain.emulator.userId },
      },
      caller: 'child',
      stage,
      now: now(),
      task: is === 'drain' ? { is } : { is, scenario, threadId, key },
    };
  }

  /** As after a restart some minutes later, until nothing waits. */
  async function recover(bridge: Bridge): Promise<readonly string[]> {
    for (let round = 0; round < 6; round++) {
      await desks.clock.advance(aheadMs);
      await bridge.drain();
      const { pending, queued, unclear, dead } = await bridge.figures();
      if (pending + queued === 0) return unclear + dead > 0 ? [`unclear ${unclear}, dead ${dead}`] : [];
    }
    return ['something waits for ever'];
  }

  async function judge(scene: Scene, store: Store, happened: boolean): Promise<readonly string[]> {
    const seen = { from: await lookAt(desks.productlane), to: await lookAt(desks.plain) };
    const expected = wanted(scene.scenario, scene.stage, happened);
    const wrong: string[] = [];
    for (const side of ['from', 'to'] as const) {
      const [is, was] = [JSON.stringify(seen[side]), JSON.stringify(expected[side])];
      if (is !== was) wrong.push(`${side} is ${is} instead of ${was}`);
    }
    const open = (await store.listOperations({}, { limit: 100 })).filter(
      ({ state, mirror }) => state !== 'done' || (mirror !== 'done' && mirror !== 'none'),
    );
    wrong.push(...open.map(({ method, state, mirror }) => `${method} is ${state}, its mirror ${mirror}`));
    return [...wrong, ...(await judgeLinks(desks, store, scene, happened))];
  }

  /** What is wrong once all has been put right, and once the caller has asked again. */
  async function aftermath(scene: Scene, stored: boolean): Promise<readonly string[]> {
    const store = await ground.open();
    try {
      const bridge = bridgeOn(store, scene.stage);
      const before = [...(await recover(bridge)), ...(await judge(scene, store, stored))];
      if (before.length > 0 || scene.scenario === 'enqueue') return before;
      await perform(scene.scenario, bridge, scene.threadId, { idempotencyKey: key });
      const again = [...(await recover(bridge)), ...(await judge(scene, store, true))];
      return again.map((line) => `after the same call again: ${line}`);
    } finally {
      await ground.leave(store);
    }
  }

  async function kill(scene: Scene, task: 'call' | 'drain', point: Point, mutant?: Mutant): Promise<void> {
    await enter(scene);
    const child = await pool.take();
    const { process } = child;
    // What a process has asked for last is done after its death.
    desks.onLast(async () => {
      process.kill('SIGKILL');
      await child.ended;
    });
    child.order({ ...orderOf(scene, task), end: point, mutant });
    try {
      const { at } = await child.says('at');
      const signal = await child.ended;
      await desks.settled();
      if (signal !== 'SIGKILL' || at?.name !== point.name) throw new Error(`it ended by ${signal} at ${at?.name}`);
    } finally {
      process.kill('SIGKILL');
      await child.ended;
    }
  }

  return {
    ground: ground.name,

    async scene(scenario, stage) {
      await enter({ scenario, stage, threadId: '', ...empty, aheadMs: 0 });
      const store = await ground.open();
      const threadId = await prepare(scenario, stage, bridgeOn(store, stage), desks);
      await ground.leave(store);
      return { scenario, stage, threadId, desks: desks.save(), store: await ground.save(), aheadMs: 1_000 };
    },

    async undisturbed(scene, task) {
      await enter(scene);
      const child = await pool.take();
      child.order(orderOf(scene, task));
      const { taken = [] } = await child.says('taken');
      child.process.kill('SIGTERM');
      await child.ended;
      const requests = taken.filter((name) => name.startsWith('sent ')).length;
      const unseen = desks.asked.length - requests;
      const wrong = unseen === 0 ? [] : [`${unseen} requests were no step`];
      return { taken, wrong: [...wrong, ...(await aftermath(scene, true))] };
    },

    async crash(scene, task, point, mutant) {
      await kill(scene, task, point, mutant);
      const store = await ground.open();
      const stored = (await store.findOperation(key)) !== undefined;
      await ground.leave(store);
      return aftermath(scene, stored);
    },

    async leave(scene, point) {
      await kill(scene, 'call', point);
      return { ...scene, desks: desks.save(), store: await ground.save(), aheadMs: scene.aheadMs + aheadMs };
    },

    async close() {
      await pool.close();
      await desks.close();
      await ground.close();
    },
  };
}

async function savedEmpty(ground: Ground): Promise<Saved> {
  await ground.leave(await ground.open());
  return ground.save();
}

/** Every thread that is there is linked, on both sides, to the same conversation. */
async function judgeLinks(
  desks: Desks,
  store: Store,
  { scenario, stage }: Scene,
  happened: boolean,
): Promise<readonly string[]> {
  const links: Link[] = [];
  for await (const link of store.listLinks('thread')) links.push(link);
  const linked = scenario !== 'adoption' && scenario !== 'createThread' ? true : happened;
  if (!linked) return links.some(({ from, to }) => from && to) ? [`a link without a call at ${stage}`] : [];
  const [link, ...others] = links;
  if (others.length > 0 || !link?.from || !link.to) return [`the links are ${JSON.stringify(links)}`];
  const [from, to] = [await desks.productlane.desk.getThread(link.from), await desks.plain.desk.getThread(link.to)];
  if (from.title !== to.title || from.contact?.email !== to.contact?.email) return ['two conversations are linked'];
  const contact = await store.findLink('contact', 'from', String(from.contact?.id));
  return contact?.to === to.contact?.id ? [] : [`the contact is linked to ${contact?.to}`];
}
