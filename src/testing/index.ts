/** The public entry for tests: emulated desks, a desk in memory, and the promises every helpdesk must keep. */
export { type Clock, createRealClock, createVirtualClock, defaultStart } from '../emulators/clock.ts';
export type { Emulator, Incoming, SeedSize } from '../emulators/emulator.ts';
export { commonFaults, type Fault, type Faults, type FiredFault, type RandomFaults } from '../emulators/faults.ts';
export { emulatePlain, type PlainEmulator, type PlainOptions } from '../emulators/plain/index.ts';
export type { Address, Delivery, Notice, PostRoom } from '../emulators/post-room.ts';
export {
  emulateProductlane,
  type ProductlaneEmulator,
  type ProductlaneOptions,
} from '../emulators/productlane/index.ts';
export type { RequestLog, RequestMatch, RequestRecord } from '../emulators/request-log.ts';
export { type Served, type ServeOptions, serve } from '../emulators/serve.ts';
export type { WebhookAttempt, Webhooks, WebhookTarget } from '../emulators/webhooks.ts';
export { applies, type CaseResult, conformanceCases, runConformance } from './conformance.ts';
export { createMemoryHelpdesk, type MemoryHelpdesk, type MemoryOptions } from './memory/helpdesk.ts';
export { type Case, type Delivered, type Emulated, emulatedBy, type Known, type World } from './world.ts';
