#!/usr/bin/env node
/** The `helpdesk-bridge` command: which word starts what. */
import { defineCommand } from 'citty';
import { version } from '../core/version.ts';
import { start } from './start.ts';

const main = defineCommand({
  meta: { name: 'helpdesk-bridge', version, description: 'One interface to Productlane and Plain' },
  // Loaded when asked for: `--help` should not wait for a GraphQL engine.
  subCommands: {
    demo: () => import('./demo.ts').then(({ demo }) => demo),
    doctor: () => import('./doctor.ts').then(({ doctor }) => doctor),
    worker: () => import('./worker.ts').then(({ worker }) => worker),
    status: () => import('./status.ts').then(({ status }) => status),
    verify: () => import('./verify.ts').then(({ verify }) => verify),
    dead: () => import('./dead.ts').then(({ deadLetters }) => deadLetters),
    explain: () => import('./explain.ts').then(({ explain }) => explain),
    recheck: () => import('./recheck.ts').then(({ recheck }) => recheck),
    stage: () => import('./stage.ts').then(({ stage }) => stage),
    emulate: () => import('./emulate.ts').then(({ emulate }) => emulate),
  },
});

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever was reading has seen enough, as `head` has.
  if (error.code === 'EPIPE') process.exit();
  throw error;
});

await start(main, process.argv.slice(2));
