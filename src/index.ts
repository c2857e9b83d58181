/** The public entry: the model, the interface, the error, and the switch between helpdesks. */
export { createBridge } from './bridge/bridge.ts';
export type { Verified } from './bridge/compare.ts';
export type { Counterpart, Counterparts } from './bridge/counterparts.ts';
export type { BridgeEvents, EventName, Listener, Logger } from './bridge/events.ts';
export type { Bridge, BridgeCallOptions, BridgeWriteOptions, EnqueuedOperation } from './bridge/interface.ts';
export type { BridgeWritten, MirrorOutcome } from './bridge/operations.ts';
export type { BridgeOptions, CompareOptions } from './bridge/options.ts';
export type { Readiness, ReadinessLimits } from './bridge/readiness.ts';
export type { StageSource } from './bridge/stage-source.ts';
export { type Stage, stages } from './bridge/stages.ts';
export { createHelpdesk, type HelpdeskConfig, readEnvironment } from './config.ts';
export { convertBody } from './core/bodies.ts';
export { createRateBudget, type RateBudget, type RateLimits } from './core/budget.ts';
export type { Credential } from './core/credential.ts';
export { type ErrorKind, HelpdeskError, type Issue } from './core/errors.ts';
export type * from './core/helpdesk.ts';
export type * from './core/model.ts';
export type { RequestEvent, ResponseEvent, RetryEvent, TransportHooks, TransportOptions } from './core/transport.ts';
