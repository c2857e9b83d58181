#!/usr/bin/env node
/** The `helpdesk-bridge` command: which word starts what. */
import { defineCommand, runMain } from 'citty';
import { version } from '../core/version.ts';

const main = defineCommand({
  meta: { name: 'helpdesk-bridge', version, description: 'One interface to Productlane and Plain' },
  // Loaded when asked for: `--help` should not wait for a GraphQL engine.
  subCommands: {
    demo: () => import('./demo.ts').then(({ demo }) => demo),
    doctor: () => import('./doctor.ts').then(({ doctor }) => doctor),
    worker: () => import('./worker.ts').then(({ worker }) => worker),
    status: () => import('./status.ts').then(({ status }) => status),
    dead: () => import('./dead.ts').then(({ deadLetters }) => deadLetters),
    explain: () => import('./explain.ts').then(({ explain }) => explain),
    recheck: () => import('./recheck.ts').then(({ recheck }) => recheck),
    stage: () => import('./stage.ts').then(({ stage }) => stage),
    emulate: () => import('./emulate.ts').then(({ emulate }) => emulate),
  },
});

await runMain(main);
