/** Which spans and metrics of OpenTelemetry a bridge gives. */
import { type Attributes, type Meter, metrics, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { version } from '../core/version.ts';
import type { Failure } from '../store/store.ts';
import type { BridgeEvents } from './events.ts';
import type { Bridge } from './interface.ts';

export interface TraceOptions {
  /** Default: the global provider's, by the name of this package. */
  readonly tracer?: Tracer | undefined;
  /** Default: the global provider's, by the name of this package. */
  readonly meter?: Meter | undefined;
}

type Told = BridgeEvents['written' | 'failed' | 'mirrored' | 'retried' | 'dead'];

/**
 * Watches a bridge until the function that it gives is called.
 *
 * Spans, called `helpdesk <method>`: one for each write of either desk, tries
 * that failed included, with `helpdesk.operation.id`, `helpdesk.desk` and
 * `helpdesk.outcome`. Those of a caller's write are children of the caller's
 * span; the mirror's begin a trace of their own. A failure has its kind as
 * `error.type`.
 *
 * Metrics, in milliseconds where they are times: counters
 * `helpdesk_bridge.{written,failed,mirrored,retried,dead,diverged}`, histograms
 * `helpdesk_bridge.{duration,lag}`, gauges
 * `helpdesk_bridge.{backlog,backlog.age,dead_letters,unclear}`. The gauges ask
 * the store once for each collection.
 *
 * Nothing has an address, a title or a text in it.
 */
export function traceBridge(bridge: Pick<Bridge, 'on' | 'figures'>, options: TraceOptions = {}): () => void {
  const tracer = options.tracer ?? trace.getTracer('helpdesk-bridge', version);
  const meter = options.meter ?? metrics.getMeter('helpdesk-bridge', version);
  const counter = (name: string, description: string) =>
    meter.createCounter(`helpdesk_bridge.${name}`, { description });
  const counters = {
    written: counter('written', 'Writes that the desk that answers has done'),
    failed: counter('failed', 'Writes that the desk that answers has not done'),
    mirrored: counter('mirrored', 'Writes that the mirror has'),
    retried: counter('retried', 'Tries that failed, on either desk'),
    dead: counter('dead', 'Writes that the mirror will not get unless a person decides so'),
    diverged: counter('diverged', 'Compared records that differ'),
  };
  const time = (name: string, description: string) =>
    meter.createHistogram(`helpdesk_bridge.${name}`, { description, unit: 'ms' });
  const duration = time('duration', 'From the beginning of a try to its end');
  const lag = time('lag', 'From the answer of one desk to the end of the write on the other');

  function record(outcome: keyof typeof counters, told: Told, failure?: Failure): void {
    const { durationMs } = told;
    duration.record(durationMs, { 'helpdesk.desk': told.desk, 'helpdesk.outcome': outcome });
    const kind = failure && { 'error.type': failure.kind };
    const attributes: Attributes = { 'helpdesk.method': told.method, 'helpdesk.desk': told.desk, ...kind };
    counters[outcome].add(1, attributes);
    const ended = Date.now();
    const span = tracer.startSpan(`helpdesk ${told.method}`, {
      kind: SpanKind.CLIENT,
      startTime: ended - durationMs,
      // In the background the active span is whichever happened to wake the worker.
      root: outcome !== 'written' && outcome !== 'failed',
      attributes: {
        ...attributes,
        'helpdesk.operation.id': told.operationId,
        'helpdesk.side': told.side,
        'helpdesk.outcome': outcome,
      },
    });
    if (failure) span.setStatus({ code: SpanStatusCode.ERROR, message: failure.message });
    span.end(ended);
  }

  const ends = [
    bridge.on('written', (told) => record('written', told)),
    bridge.on('mirrored', (told) => {
      record('mirrored', told);
      lag.record(told.lagMs, { 'helpdesk.desk': told.desk });
    }),
    bridge.on('failed', (told) => record('failed', told, told.failure)),
    bridge.on('retried', (told) => record('retried', told, told.failure)),
    bridge.on('dead', (told) => record('dead', told, told.failure)),
    bridge.on('diverged', ({ operation }) => counters.diverged.add(1, { 'helpdesk.method': operation })),
    observe(bridge, meter),
  ];
  return () => {
    for (const end of ends) end();
  };
}

/** What waits, asked for when somebody collects. */
function observe(bridge: Pick<Bridge, 'figures'>, meter: Meter): () => void {
  const gauge = (name: string, description: string, unit?: string) =>
    meter.createObservableGauge(`helpdesk_bridge.${name}`, { description, ...(unit && { unit }) });
  const backlog = gauge('backlog', 'Writes that wait, for either desk');
  const age = gauge('backlog.age', 'For how long the oldest of them has waited', 'ms');
  const deadLetters = gauge('dead_letters', 'Writes that the mirror lacks and that nobody has decided about');
  const unclear = gauge('unclear', 'Writes of which only a person can tell whether they happened');
  const gauges = [backlog, age, deadLetters, unclear];

  const callback: Parameters<Meter['addBatchObservableCallback']>[0] = async (result) => {
    // A gap says what there is to say of a store that does not answer.
    const figures = await bridge.figures().catch(() => undefined);
    if (!figures) return;
    result.observe(backlog, figures.pending + figures.queued);
    result.observe(age, figures.lagMs);
    result.observe(deadLetters, figures.dead);
    result.observe(unclear, figures.unclear);
  };
  meter.addBatchObservableCallback(callback, gauges);
  return () => meter.removeBatchObservableCallback(callback, gauges);
}
