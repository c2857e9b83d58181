/** What the package offers by name. A line here is a promise; taking one away is a new major version. */
import { expect, it } from 'vitest';
import * as openfeature from '../src/bridge/openfeature.ts';
import * as opentelemetry from '../src/bridge/opentelemetry.ts';
import * as main from '../src/index.ts';
import * as plain from '../src/providers/plain/index.ts';
import * as productlane from '../src/providers/productlane/index.ts';
import * as store from '../src/store/index.ts';
import * as testing from '../src/testing/index.ts';

it.each([
  [
    'helpdesk-bridge',
    main,
    ['HelpdeskError', 'convertBody', 'createBridge', 'createHelpdesk', 'createRateBudget', 'readEnvironment', 'stages'],
  ],
  ['helpdesk-bridge/productlane', productlane, ['createProductlane', 'productlaneOptions', 'productlaneTraits']],
  ['helpdesk-bridge/plain', plain, ['createPlain', 'plainOptions', 'plainTraits']],
  ['helpdesk-bridge/store', store, ['createSharedBudget', 'openStore']],
  ['helpdesk-bridge/openfeature', openfeature, ['openFeatureStage']],
  ['helpdesk-bridge/opentelemetry', opentelemetry, ['traceBridge']],
  [
    'helpdesk-bridge/testing',
    testing,
    [
      'applies',
      'commonFaults',
      'conformanceCases',
      'createMemoryHelpdesk',
      'createRealClock',
      'createVirtualClock',
      'defaultStart',
      'emulatePlain',
      'emulateProductlane',
      'emulatedBy',
      'runConformance',
      'serve',
    ],
  ],
])('%s', (_, entry, names) => {
  expect(Object.keys(entry).sort()).toEqual(names);
});
