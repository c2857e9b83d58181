/** The public entry: the model, the interface, the error, and the switch between helpdesks. */
export { createHelpdesk, type HelpdeskConfig, readEnvironment } from './config.ts';
export { convertBody } from './core/bodies.ts';
export { createRateBudget, type RateBudget, type RateLimits } from './core/budget.ts';
export type { Credential } from './core/credential.ts';
export { type ErrorKind, HelpdeskError, type Issue } from './core/errors.ts';
export type * from './core/helpdesk.ts';
export type * from './core/model.ts';
export type { RequestEvent, ResponseEvent, RetryEvent, TransportHooks, TransportOptions } from './core/transport.ts';
