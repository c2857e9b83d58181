/** Plays a schedule: steps begin one after the other while what earlier ones began is still under way. */
import type { BridgeWritten } from '../../../src/bridge/operations.ts';
import { HelpdeskError } from '../../../src/core/errors.ts';
import type { StatusInput, UpdateThreadInput } from '../../../src/core/helpdesk.ts';
import type { Thread } from '../../../src/core/model.ts';
import type { Bridge, BridgeWriteOptions } from '../../../src/index.ts';
import { text } from '../../desks.ts';
import { finish } from './finish.ts';
import { checkAll } from './invariants.ts';
import { leaseMs, networkMs } from './limits.ts';
import { createMachine, onMachine } from './machine.ts';
import { misread } from './reads.ts';
import { type Action, hasRefusal, type Naming, type Reading, type Schedule, slots } from './steps.ts';
import { emailOf, type KnownThread, openingOf, type Told, textOf, titleOf } from './told.ts';
import { type Breakage, createWorld, type Running, type World } from './world.ts';

const snoozedUntil = new Date('2050-03-04T05:06:07.000Z');

interface Slot extends KnownThread {
  /** On the desk that answered. */
  id: string | undefined;
  contactId: string | undefined;
  deleted: boolean;
  /** The key of its creation is in use: neither known nor failed. */
  waiting: boolean;
}

/** A call as it can be made again. */
interface Call extends Pick<Told, 'method' | 'text' | 'key'> {
  run(bridge: Bridge, options: BridgeWriteOptions): Promise<BridgeWritten<unknown>>;
}

export interface Played {
  /** Writes that a person had to decide about. */
  readonly unclear: number;
  /** Writes of the mirror that were given up at first. */
  readonly dead: number;
  /** Requests that both desks have got. */
  readonly requests: number;
}

/** Rejects with what is wrong in the end. */
export async function play(schedule: Schedule, breakage: Breakage = {}): Promise<Played> {
  const machine = createMachine(schedule.seed, networkMs);
  return onMachine(machine, async () => {
    const world = await createWorld(machine, schedule, breakage);
    try {
      const { told, threads, running, mistakes } = await playSteps(world, schedule);
      const { unclear, dead } = await finish(world, running);
      if (dead.size > 0 && !hasRefusal(schedule)) throw new Error('the mirror was given up, and nothing was refused');
      const [mistake] = mistakes;
      if (mistake !== undefined) throw new Error(mistake);
      await checkAll(world, told, threads, new Set([...unclear, ...dead]));
      const { productlane, plain } = world.emulators;
      return {
        unclear: unclear.size,
        dead: dead.size,
        requests: productlane.requests.entries.length + plain.requests.entries.length,
      };
    } finally {
      await world.close();
    }
  });
}

async function playSteps(world: World, schedule: Schedule) {
  const { machine, emulators, current } = world;
  const running: Running[] = [world.start(), world.start()];
  const told: Told[] = [];
  const calls: Call[] = [];
  const threads: KnownThread[] = [];
  const known: Slot[] = [];
  /** What was wrong with answers to reads. */
  const mistakes: string[] = [];
  let serial = 0;
  const tries = new Map<string, number>();

  for (let slot = 0; slot < slots; slot++) known.push(await prepared(slot));

  async function prepared(slot: number): Promise<Slot> {
    const first = newSlot(slot);
    if (!schedule.old[slot]) return first;
    const contact = { email: emailOf(slot) };
    const { title } = first;
    const created = await world.oldDesk.createThread({ contact, title, body: text(openingOf(title)) });
    const old = created.value.id;
    const thread = { ...first, externalId: undefined, id: old, old, contactId: created.value.contact?.id };
    threads.push(thread);
    return thread;
  }

  function newSlot(slot: number): Slot {
    serial += 1;
    const title = `thread ${slot} try ${serial}`;
    const nth = tries.get(emailOf(slot)) ?? 0;
    tries.set(emailOf(slot), nth + 1);
    // Unique for each contact, as desks want it, and no more.
    const externalId = schedule.named[slot] ? `external-${nth}` : undefined;
    const unknown = { id: undefined, contactId: undefined, old: undefined };
    return { ...unknown, title, who: slot, externalId, deleted: false, waiting: false };
  }

  /** By the id that the caller has chosen, where there is such a one. */
  async function idOf(slot: Slot, by: Naming): Promise<string> {
    const own = slot.id ?? '';
    if (by === 'own') return own;
    const link =
      (await world.store.findLink('thread', 'from', own)) ?? (await world.store.findLink('thread', 'to', own));
    if (by === 'external') return link?.externalId ?? own;
    return (link?.from === own ? link?.to : link?.from) ?? own;
  }

  async function callFor(action: Action, keyed: boolean): Promise<Call | undefined> {
    serial += 1;
    const key = keyed ? `key-${serial}` : undefined;
    if (action.is === 'contact') {
      const input = { email: emailOf(action.who), name: `Person ${serial}` };
      return {
        method: 'upsertContact',
        text: undefined,
        key,
        run: (bridge, call) => bridge.upsertContact(input, call),
      };
    }
    const slot = known[action.slot];
    if (!slot || slot.waiting) return undefined;
    if (slot.id === undefined) return creation(action.slot, slot, key);
    const id = await idOf(slot, action.by);
    const change = (changes: UpdateThreadInput): Call => ({
      method: 'updateThread',
      text: undefined,
      key,
      run: (bridge, call) => bridge.updateThread(id, changes, call),
    });
    switch (action.is) {
      case 'reply': {
        const words = textOf(`reply ${action.words} of ${slot.title}`);
        const run: Call['run'] = (bridge, call) => bridge.reply({ threadId: id, body: text(words) }, call);
        return { method: 'reply', text: words, key, run };
      }
      case 'note': {
        const words = textOf(`secret ${action.words} of ${slot.title}`);
        const run: Call['run'] = (bridge, call) => bridge.addNote({ threadId: id, body: text(words) }, call);
        return { method: 'addNote', text: words, key, run };
      }
      case 'title':
        return change({ title: titleOf(slot, String(serial)) });
      case 'priority':
        return change({ priority: action.priority });
      case 'status':
        return change({ status: statusOf(action.status) });
      case 'delete':
        slot.deleted = true;
        return { method: 'deleteThread', text: undefined, key, run: (bridge, call) => bridge.deleteThread(id, call) };
    }
  }

  function creation(index: number, slot: Slot, key: string | undefined): Call {
    slot.waiting = true;
    threads.push(slot);
    const { title, externalId } = slot;
    const contact = { email: emailOf(index) };
    const input = { contact, title, body: text(openingOf(title)), externalId };
    return {
      method: 'createThread',
      text: openingOf(title),
      key,
      async run(bridge, call) {
        const written = await bridge.createThread(input, call);
        learnFrom(slot, written.value as Thread);
        return written;
      },
    };
  }

  function learnFrom(slot: Slot, { id, contact }: Thread): void {
    slot.id = id;
    slot.contactId = contact?.id;
    slot.waiting = false;
  }

  /** What was not known when its call ended, and is by now. */
  async function learn(): Promise<void> {
    if (!known.some(({ waiting }) => waiting)) return;
    const operations = await world.store.listOperations({}, { limit: 1000 });
    for (const [index, slot] of known.entries()) {
      if (!slot.waiting) continue;
      const made = operations.filter(
        ({ method, input }) => method === 'createThread' && (input as { title?: unknown }).title === slot.title,
      );
      const done = made.find(({ state }) => state === 'done');
      if (done?.result) {
        learnFrom(slot, done.result as Thread);
      } else if (
        made.length > 0 &&
        made.every(({ state }) => state === 'failed') &&
        running.every(({ calls }) => calls === 0)
      ) {
        known[index] = newSlot(index);
      }
    }
  }

  function begin(call: Call, process: number): void {
    const runner = running[process];
    if (!runner) return;
    const one: Told = { method: call.method, text: call.text, key: call.key };
    told.push(one);
    // No two calls are made in the same moment.
    machine.clock.tick();
    runner.calls += 1;
    const ended = () => {
      runner.calls -= 1;
    };
    call.run(runner.bridge, { idempotencyKey: call.key }).then(
      ({ operationId, value }) => {
        one.done = { operationId, value };
        ended();
      },
      (error: unknown) => {
        if (!HelpdeskError.is(error)) throw error;
        one.failed = error;
        ended();
      },
    );
  }

  async function read(what: Reading, slot: Slot, by: Naming, process: number): Promise<void> {
    const runner = running[process];
    if (!runner || slot.id === undefined) return;
    const asked = { thread: slot, id: await idOf(slot, by), threads, settled: [] };
    runner.calls += 1;
    void misread(runner.reader, what, asked).then((mistake) => {
      if (mistake !== undefined) mistakes.push(mistake);
      runner.calls -= 1;
    });
  }

  /** A request of what it does has left, and is not answered. */
  async function untilSent({ process, calls }: Running): Promise<void> {
    const before = process.written;
    process.slow = true;
    for (let moves = 0; calls > 0 && process.written === before && moves < 100; moves++) await machine.go(1);
    process.slow = false;
  }

  function crash(process: number): void {
    const runner = running[process];
    if (runner) runner.process.alive = false;
    running[process] = world.start();
  }

  for (const step of schedule.steps) {
    await learn();
    const runner = running[step.process];
    switch (step.is) {
      case 'call': {
        const call = await callFor(step.action, step.keyed);
        if (!call) break;
        calls.push(call);
        begin(call, step.process);
        break;
      }
      case 'read': {
        const slot = known[step.slot];
        if (slot) await read(step.what, slot, step.by, step.process);
        break;
      }
      case 'again': {
        const keyed = calls.filter(({ key }) => key !== undefined);
        const call = keyed[keyed.length - 1 - (step.which % Math.max(1, keyed.length))];
        if (call) begin(call, step.process);
        break;
      }
      case 'fault':
        emulators[step.desk].faults.next(step.fault, { access: step.access });
        break;
      case 'stage':
        current.stage = step.stage;
        break;
      case 'drain':
        runner?.bridge.drain().catch(() => {});
        break;
      case 'crash':
        crash(step.process);
        break;
      case 'freeze':
        if (runner) runner.process.frozen = true;
        break;
      case 'thaw':
        for (const { process } of running) process.frozen = false;
        break;
      case 'nap': {
        if (!runner) break;
        if (step.sent) await untilSent(runner);
        runner.process.frozen = true;
        await machine.advance(leaseMs + 1);
        running[1 - step.process]?.bridge.drain().catch(() => {});
        await machine.go(step.moves);
        runner.process.frozen = false;
        break;
      }
      case 'wait':
        await machine.advance(step.ms);
        break;
    }
    await machine.go(step.moves);
  }
  for (const { process } of running) process.frozen = false;
  return { told, threads, running, mistakes };
}

function statusOf(status: 'open' | 'done' | 'snoozed'): StatusInput {
  return status === 'snoozed' ? { is: status, until: snoozedUntil } : { is: status };
}
