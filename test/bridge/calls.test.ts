/** What a call of a bridge is told besides its input, and what becomes of an option that cannot be meant. */
import { describe, expect, it } from 'vitest';
import { createBridge } from '../../src/bridge/bridge.ts';
import type { BridgeWriteOptions } from '../../src/bridge/interface.ts';
import type { BridgeOptions } from '../../src/bridge/options.ts';
import { collect, everyMethod, failure, plainDesk, productlaneDesk, thread } from '../desks.ts';
import { bridged } from './bridges.ts';

const ids = { thread: 'thr_1', contact: 'con_1', user: 'usr_1' };

describe('an option of a call', () => {
  it.each([
    [
      'a misspelt name',
      { contxt: 1 },
      { path: 'options', message: 'unknown field "contxt" (did you mean "context"?)' },
    ],
    ['no signal', { signal: 'now' }, { path: 'signal', message: 'must be an AbortSignal' }],
    ['no function', { beforeRequest: {} }, { path: 'beforeRequest', message: 'must be a function' }],
  ])('is refused on every method, before anything is stored or sent: %s', async (_, options, issue) => {
    const { bridge, productlane, plain } = bridged('dual-write');
    for (const [method, call] of Object.entries(everyMethod(bridge, ids, options as object)))
      expect(await failure(call()), method).toMatchObject({ kind: 'invalid', operation: method, issues: [issue] });
    const sent = [productlane, plain].map(({ emulator }) => emulator.requests.count());
    expect([...sent, (await bridge.figures()).pending]).toEqual([0, 0, 0]);
  });

  it.each([
    ['', 'must not be empty'],
    ['  ', 'must not be empty'],
    [7, 'must be a string'],
    [null, 'must be a string'],
  ])('that is no idempotency key is refused: %j', async (idempotencyKey, message) => {
    const { bridge } = bridged('dual-write');
    const error = await failure(bridge.createThread(thread, { idempotencyKey } as BridgeWriteOptions));
    expect(error).toMatchObject({ kind: 'invalid', issues: [{ path: 'idempotencyKey', message }] });
    const enqueued = bridge.enqueue(undefined, { method: 'createThread', input: thread, idempotencyKey } as never);
    expect(await failure(enqueued)).toMatchObject({ issues: [{ path: 'idempotencyKey', message }] });
  });

  it('is no idempotency key on a read, and a context is no business of the desk', async () => {
    const { bridge } = bridged('dual-write');
    const read = bridge.getThread('thr_1', { idempotencyKey: 'k' } as object);
    expect(await failure(read)).toMatchObject({ issues: [{ path: 'options' }] });
    const call = { context: { tenant: 1 }, signal: AbortSignal.timeout(60_000) };
    const { value } = await bridge.createThread(thread, { ...call, idempotencyKey: undefined });
    expect((await bridge.getThread(value.id, call)).id).toBe(value.id);
    await expect(bridge.check(call)).resolves.toBeDefined();
  });

  it.each([
    ['outcome', { miror: true }, 'unknown field "miror" (did you mean "mirror"?)'],
    ['outcome', { mirror: 'yes' }, 'must be true or false'],
    ['verify', { limit: 0 }, 'must be a whole number of at least 1'],
    ['verify', { limits: 5 }, 'unknown field "limits" (did you mean "limit"?)'],
  ] as const)('of %s is looked at too: %j', async (method, options, message) => {
    const { bridge } = bridged('shadow');
    const call = method === 'outcome' ? bridge.outcome('x', options as object) : bridge.verify(options as object);
    expect(await failure(call)).toMatchObject({ kind: 'invalid', issues: [{ message }] });
  });
});

describe('a stage function that fails', () => {
  it('ends the call with unavailable, and its message is nobody’s business', async () => {
    const world = bridged('off');
    const stage = () => {
      throw new TypeError('private words');
    };
    const error = await failure(world.open({ stage }).createThread(thread));
    expect(error).toMatchObject({ kind: 'unavailable', applied: 'no' });
    expect(String(error)).toBe('HelpdeskError: [helpdesk-bridge] stage: the function failed (TypeError)');
    const rejected = world.open({ stage: () => Promise.reject('private words') }).check();
    expect(String(await failure(rejected))).toMatch(/the function failed \(string\)$/);
  });
});

describe('an id of the desk that has been left', () => {
  it.each([
    ['off', `th_${'0'.repeat(26)}`],
    ['complete', 'thr_0'],
  ] as const)('is not found at %s where nothing links it: %s', async (stage, id) => {
    const { bridge } = bridged(stage);
    for (const call of [bridge.getThread(id), bridge.getContact(id), collect(bridge.listMessages(id))])
      expect(await failure(call)).toMatchObject({ kind: 'not-found', applied: 'no' });
  });

  it('is still invalid where it could be no id anywhere', async () => {
    const { bridge } = bridged('complete');
    expect(await failure(bridge.getThread('a/b'))).toMatchObject({ kind: 'invalid', issues: [{ path: 'id' }] });
    expect(await failure(bridge.getThread(''))).toMatchObject({ kind: 'invalid', issues: [{ path: 'id' }] });
  });
});

describe('createBridge', () => {
  const from = productlaneDesk().desk;
  const to = plainDesk().desk;

  it.each<readonly [string, Partial<BridgeOptions>, string]>([
    ['one helpdesk twice', { to: from }, 'to: must be another helpdesk than from'],
    [
      'an id with two counterparts',
      {
        counterparts: {
          labels: [
            { from: 'a', to: 'x' },
            { from: 'a', to: 'y' },
          ],
        },
      },
      'counterparts.labels: have the same "from" in two pairs',
    ],
    [
      'two ids with one counterpart',
      {
        counterparts: {
          agents: [
            { from: 'a', to: 'x' },
            { from: 'b', to: 'x' },
          ],
        },
      },
      'counterparts.agents: have the same "to" in two pairs',
    ],
    ['a lease that ends before an answer can come', { leaseMs: 999 }, 'leaseMs: must be at least 1000'],
    [
      'an empty user',
      { recordOptions: { plain: { userId: '' } } },
      'userId: must be the id of a person on Plain (u_…)',
    ],
    ['a machine user', { recordOptions: { plain: { userId: 'mu_1' } } }, 'userId: must be the id of a person on Plain'],
  ])('refuses %s', (_, options, message) => {
    expect(() => createBridge({ from, to, stage: 'off', drain: false, ...options })).toThrow(message);
  });
});
