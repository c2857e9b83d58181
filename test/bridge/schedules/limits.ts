/**
 * The times of a schedule and its one share, short so that little waiting is played.
 * A lease is over before a request must have arrived, as by default.
 */

/** Milliseconds for a desk's answer. */
export const timeoutMs = 1000;
/** Milliseconds for which a process owns a lane. */
export const leaseMs = 1500;
/** Milliseconds a request is at most on its way to a desk. */
export const networkMs = 2000;
/** Milliseconds after which a desk may still do what it has not answered. */
export const lateMs = 2500;
/** Milliseconds from the intention to send until the request is certainly there: time to leave, way, and delay of the desk. */
export const settleMs = leaseMs + networkMs + lateMs;
/** Of the reads at a stage that compares. */
export const comparedShare = 0.5;
