/** The stage as a feature flag: one customer moves first, the others follow, and nothing is deployed for it. */
import { InMemoryProvider, OpenFeature } from '@openfeature/server-sdk';
import { createBridge } from 'helpdesk-bridge';
import { openFeatureStage } from 'helpdesk-bridge/openfeature';
import { createPlain } from 'helpdesk-bridge/plain';
import { createProductlane } from 'helpdesk-bridge/productlane';
import { openStore } from 'helpdesk-bridge/store';
import { createRealClock, emulatePlain, emulateProductlane } from 'helpdesk-bridge/testing';

// Yours: the provider of your flag service.
const flags = (everybody: string) => ({
  'helpdesk-stage': {
    variants: { everybody, pilot: 'live' },
    defaultVariant: 'everybody',
    contextEvaluator: ({ targetingKey }: { targetingKey?: string }) =>
      targetingKey === 'acme' ? 'pilot' : 'everybody',
    disabled: false,
  },
});
const provider = new InMemoryProvider(flags('dual-write'));
await OpenFeature.setProviderAndWait(provider);

const productlane = emulateProductlane({ clock: createRealClock() });
const plain = emulatePlain({ clock: createRealClock() });
const bridge = createBridge({
  from: createProductlane({ apiKey: productlane.apiKey, baseUrl: productlane.baseUrl, fetch: productlane.fetch }),
  to: createPlain({ apiKey: plain.apiKey, baseUrl: plain.baseUrl, fetch: plain.fetch }),
  stage: openFeatureStage(OpenFeature.getClient(), 'helpdesk-stage', { default: 'dual-write' }),
  store: await openStore(':memory:'), // yours: file:bridge.db, or postgres://…
  drain: false, // the mirror is written below, all at once
});

/** Which desk has answered: its ids look different. */
async function report(customer: string): Promise<string> {
  const contact = { email: `ada@${customer}.example` };
  const body = { format: 'text', content: 'It is empty.' } as const;
  const { value } = await bridge.createThread({ contact, title: 'Export', body }, { context: customer });
  return value.id.startsWith('th_') ? 'plain' : 'productlane';
}

console.log(await report('acme'), await report('globex')); // plain productlane

provider.putConfiguration(flags('live'));
console.log(await report('globex')); // plain

// The flag service has an outage: every customer stays where he was.
provider.putConfiguration({});
console.log(await report('acme'), await report('globex')); // plain plain

// Somebody mistypes a stage: the write is refused, and no desk gets anything.
provider.putConfiguration(flags('complet'));
console.log(await report('globex').catch((error: Error) => error.message.includes('did you mean "complete"'))); // true

await bridge.drain();
console.log(productlane.state.threads.size, plain.state.threads.size); // 5 5
await bridge.close();
await OpenFeature.close();
