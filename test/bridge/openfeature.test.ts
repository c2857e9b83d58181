/** A flag of OpenFeature as the stage. */
import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { afterAll, describe, expect, it } from 'vitest';
import { openFeatureStage } from '../../src/bridge/openfeature.ts';
import { createBridge, type Stage } from '../../src/index.ts';
import { collect, failure, plainDesk, productlaneDesk, thread } from '../desks.ts';

afterAll(() => OpenFeature.close());

const flag = (word: string, rest: object = {}) => ({
  stage: { variants: { word, live: 'live' }, defaultVariant: 'word', disabled: false, ...rest },
});

async function flagged(word: string, rest?: object) {
  const provider = new InMemoryProvider(flag(word, rest));
  const domain = crypto.randomUUID();
  await OpenFeature.setProviderAndWait(domain, provider);
  return { provider, client: OpenFeature.getClient(domain) };
}

const bridgeAt = (stage: (context: unknown) => Promise<Stage>) => {
  const from = productlaneDesk().desk;
  const to = plainDesk().desk;
  return { from, to, bridge: createBridge({ from, to, stage, drain: false }) };
};

describe('a flag of OpenFeature', () => {
  it('says which desk answers, and may say something else for the next call', async () => {
    const { client, provider } = await flagged('off');
    const { bridge, from, to } = bridgeAt(openFeatureStage(client, 'stage', { default: 'off' }));
    await bridge.createThread(thread);
    provider.putConfiguration(flag('complete'));
    await bridge.createThread({ ...thread, title: 'Another one' });
    expect((await collect(from.listThreads())).map(({ title }) => title)).toEqual([thread.title]);
    expect((await collect(to.listThreads())).map(({ title }) => title)).toEqual(['Another one']);
  });

  it.each([
    ['an object as it is', { targetingKey: 'acme', plan: 'large' }, undefined],
    ['a text as the targeting key', 'acme', undefined],
    ['what a function makes of it', 42n, (given: unknown) => ({ targetingKey: given === 42n ? 'acme' : 'nobody' })],
  ])('gets the context of a call: %s', async (_, context, toContext) => {
    const { client } = await flagged('off', {
      contextEvaluator: ({ targetingKey }: { targetingKey?: string }) => (targetingKey === 'acme' ? 'live' : 'word'),
    });
    const stage = openFeatureStage(client, 'stage', { default: 'off', ...(toContext && { context: toContext }) });
    const { bridge } = bridgeAt(stage);
    expect(await bridge.stage(context)).toBe('live');
    expect(await bridge.stage(toContext ? 43n : 'someone else')).toBe('off');
  });

  it('refuses a context that nobody has said how to read', async () => {
    const { client } = await flagged('off');
    const { bridge } = bridgeAt(openFeatureStage(client, 'stage', { default: 'off' }));
    expect(await failure(bridge.stage(true))).toMatchObject({ kind: 'invalid', issues: [{ path: 'context' }] });
  });

  it('ends the call with invalid where it says a word that is no stage, and nothing is sent', async () => {
    const { client } = await flagged('dual-wirte');
    const { bridge, from, to } = bridgeAt(openFeatureStage(client, 'stage', { default: 'off' }));
    const error = await failure(bridge.createThread(thread));
    expect(error).toMatchObject({ kind: 'invalid', applied: 'no', issues: [{ path: 'stage' }] });
    expect(String(error)).toContain('dual-write');
    expect([...(await collect(from.listThreads())), ...(await collect(to.listThreads()))]).toEqual([]);
  });

  it.each([
    ['that is not there', {}],
    ['that is switched off', flag('live', { disabled: true })],
    ['that is no text', { stage: { variants: { on: true }, defaultVariant: 'on', disabled: false } }],
  ])('%s leaves the default', async (_, configuration) => {
    const { client, provider } = await flagged('live');
    provider.putConfiguration(configuration as never);
    expect(await openFeatureStage(client, 'stage', { default: 'dual-write' })(undefined)).toBe('dual-write');
  });

  it('keeps its last word for each targeting key while its provider fails', async () => {
    const { client, provider } = await flagged('dual-write', {
      contextEvaluator: ({ targetingKey }: { targetingKey?: string }) => (targetingKey === 'acme' ? 'live' : 'word'),
    });
    const stage = openFeatureStage(client, 'stage', { default: 'off' });
    await stage('acme');
    await stage(undefined);
    provider.putConfiguration(flag('no stage'));
    await failure(stage('acme'));
    provider.putConfiguration({});
    expect([await stage('acme'), await stage(undefined), await stage('someone new')]).toEqual([
      'live',
      'dual-write',
      'off',
    ]);
  });

  it('must be given a default that is a stage', async () => {
    const { client } = await flagged('off');
    expect(() => openFeatureStage(client, 'stage', { default: 'on' as never })).toThrow('must be one of off');
  });
});
