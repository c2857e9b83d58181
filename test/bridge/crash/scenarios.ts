/** What is called while the process dies, what it needs before, and how both desks must look in the end. */
import type { Bridge, BridgeWriteOptions, EnqueuedOperation } from '../../../src/bridge/interface.ts';
import type { Body, MessageKind } from '../../../src/core/model.ts';
import type { Desks } from './desks.ts';

export const scenarioNames = ['createThread', 'reply', 'addNote', 'updateThread', 'upsertContact', 'adoption'] as const;
export type ScenarioName = (typeof scenarioNames)[number] | 'enqueue';

/** Productlane is `from` and Plain is `to`, so the stage says which of them answers. */
export const stages = ['dual-write', 'live'] as const;
export type LiveStage = (typeof stages)[number];

export const ada = { email: 'ada@example.test', name: 'Ada Lovelace' };
const text = (content: string): Body => ({ format: 'text', content });
const opened = { contact: ada, title: 'Login fails', body: text('It says opening-words.') };

/** As a call of the bridge, and as what `enqueue` takes. */
function operation(scenario: ScenarioName, threadId: string): EnqueuedOperation {
  switch (scenario) {
    case 'createThread':
      return { method: 'createThread', input: opened };
    case 'reply':
    case 'adoption':
    case 'enqueue':
      return { method: 'reply', input: { threadId, body: text('Try these answer-words.') } };
    case 'addNote':
      return { method: 'addNote', input: { threadId, body: text('Only for us, remark-words.') } };
    case 'updateThread':
      return {
        method: 'updateThread',
        input: { id: threadId, changes: { title: 'Login works', priority: 'high', status: { is: 'done' } } },
      };
    case 'upsertContact':
      return { method: 'upsertContact', input: { ...ada, name: 'Ada King' } };
  }
}

/** The thread that the call is about; an empty word where it is about none. */
export async function prepare(scenario: ScenarioName, stage: LiveStage, bridge: Bridge, desks: Desks): Promise<string> {
  if (scenario === 'createThread') return '';
  const elsewhere = stage === 'dual-write' ? desks.plain : desks.productlane;
  if (scenario === 'adoption') return (await elsewhere.desk.createThread(opened)).value.id;
  const { value } = await bridge.createThread(opened);
  await bridge.drain();
  return value.id;
}

export async function perform(
  scenario: ScenarioName,
  bridge: Bridge,
  threadId: string,
  options: BridgeWriteOptions,
): Promise<unknown> {
  const { method, input } = operation(scenario, threadId);
  switch (method) {
    case 'createThread':
      return bridge.createThread(input, options);
    case 'reply':
      return bridge.reply(input, options);
    case 'addNote':
      return bridge.addNote(input, options);
    case 'updateThread':
      return bridge.updateThread(input.id, input.changes, options);
    case 'upsertContact':
      return bridge.upsertContact(input, options);
    default:
      throw new Error(`no scenario calls ${method}`);
  }
}

/** In a transaction of the caller, which `commit` ends. */
export async function enqueue(scenario: ScenarioName, bridge: Bridge, threadId: string, client: unknown, key: string) {
  return bridge.enqueue(client, { ...operation(scenario, threadId), idempotencyKey: key });
}

export interface SeenThread {
  readonly title: string | undefined;
  readonly email: string | undefined;
  readonly priority: string;
  readonly status: string;
  /** `kind: words`. */
  readonly messages: readonly string[];
}

/** What a desk holds and has delivered, as far as the scenarios tell it apart. */
export interface Seen {
  readonly contacts: readonly string[];
  readonly threads: readonly SeenThread[];
  readonly delivered: readonly string[];
}

const nothing: Seen = { contacts: [], threads: [], delivered: [] };

/** How both desks look where the call has not happened, and where it has. */
export function wanted(scenario: ScenarioName, stage: LiveStage, happened: boolean): { from: Seen; to: Seen } {
  const primary = stage === 'dual-write' ? 'from' : 'to';
  const on = (side: 'from' | 'to') => wantedOn(scenario, side, side === primary, happened);
  return { from: on('from'), to: on('to') };
}

function wantedOn(scenario: ScenarioName, side: 'from' | 'to', isPrimary: boolean, happened: boolean): Seen {
  const base: SeenThread = {
    title: opened.title,
    email: ada.email,
    priority: 'normal',
    status: 'open',
    messages: ['inbound: opening-words'],
  };
  const contacts = [`${ada.email} ${ada.name}`];
  const before: Seen = { contacts, threads: [base], delivered: [] };
  if (!happened) return scenario === 'createThread' || (scenario === 'adoption' && isPrimary) ? nothing : before;
  switch (scenario) {
    case 'createThread':
      return before;
    case 'reply':
    case 'enqueue':
    case 'adoption': {
      // Productlane keeps what was exchanged elsewhere as notes.
      const kind: MessageKind = isPrimary || side === 'to' ? 'outbound' : 'note';
      const messages = [...base.messages, `${kind}: answer-words`];
      return { ...before, threads: [{ ...base, messages }], delivered: isPrimary ? [`${ada.email} answer-words`] : [] };
    }
    case 'addNote':
      return { ...before, threads: [{ ...base, messages: [...base.messages, 'note: remark-words'] }] };
    case 'updateThread':
      return { ...before, threads: [{ ...base, title: 'Login works', priority: 'high', status: 'done' }] };
    case 'upsertContact':
      return { ...before, contacts: [`${ada.email} Ada King`] };
  }
}
