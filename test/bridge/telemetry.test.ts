/** What a bridge tells OpenTelemetry and a logger, and what it never tells them. */
import type { BatchObservableCallback, Meter, Span, SpanOptions, SpanStatus, Tracer } from '@opentelemetry/api';
import { createNoopMeter, SpanStatusCode } from '@opentelemetry/api';
import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import { traceBridge } from '../../src/bridge/opentelemetry.ts';
import type { Emulator } from '../../src/emulators/emulator.ts';
import { type BridgeOptions, createBridge } from '../../src/index.ts';
import { createMemoryStore } from '../../src/store/memory.ts';
import type { Store } from '../../src/store/store.ts';
import { failure, plainDesk, productlaneDesk } from '../desks.ts';

/** None of these may leave the bridge by a side door. */
const secrets = ['ada@example.test', 'Ada Lovelace', 'Salary of Mr Byron', 'No money has come', 'The bank says no'];
const [email, name, title, body, reply] = secrets as [string, string, string, string, string];

interface Recorded extends SpanOptions {
  readonly name: string;
  status?: SpanStatus;
  endTime?: unknown;
}

/** Tracer and meter that keep what they are told. */
function createCollector() {
  const spans: Recorded[] = [];
  const points: { readonly name: string; readonly value: number; readonly attributes: unknown }[] = [];
  const batches = new Set<BatchObservableCallback>();
  const tracer = {
    startSpan(spanName: string, options: SpanOptions = {}) {
      const span: Recorded = { ...options, name: spanName };
      spans.push(span);
      return {
        setStatus: (status: SpanStatus) => {
          span.status = status;
        },
        end: (time: unknown) => {
          span.endTime = time;
        },
      } as unknown as Span;
    },
  } as Tracer;
  const instrument = (instrumentName: string) => ({
    name: instrumentName,
    add: (value: number, attributes: unknown) => points.push({ name: instrumentName, value, attributes }),
    record: (value: number, attributes: unknown) => points.push({ name: instrumentName, value, attributes }),
  });
  const meter = Object.assign(createNoopMeter(), {
    createCounter: instrument,
    createHistogram: instrument,
    createObservableGauge: instrument,
    addBatchObservableCallback: (callback: BatchObservableCallback) => batches.add(callback),
    removeBatchObservableCallback: (callback: BatchObservableCallback) => batches.delete(callback),
  }) as unknown as Meter;
  return {
    tracer,
    meter,
    spans,
    points,
    values: (pointName: string) => points.filter((point) => point.name === pointName).map(({ value }) => value),
    async gauges(): Promise<Record<string, number>> {
      const seen: Record<string, number> = {};
      const observe = (gauge: { readonly name: string }, value: number) => {
        seen[gauge.name] = value;
      };
      for (const callback of batches) await callback({ observe } as never);
      return seen;
    },
  };
}

/** Productlane answers, Plain is kept in step, and the clock is moved by hand. */
function world(options: Partial<BridgeOptions> = {}) {
  let time = Date.parse('2026-11-20T12:00:00Z');
  const productlane = productlaneDesk({}, { retries: 0 });
  const plain = plainDesk({}, { retries: 0 });
  const bridge = createBridge({
    from: productlane.desk,
    to: plain.desk,
    stage: 'dual-write',
    drain: false,
    now: () => time,
    recordOptions: { plain: { userId: plain.emulator.userId } },
    ...options,
  });
  const create = () =>
    bridge.createThread({ contact: { email, name }, title, body: { format: 'text', content: body } });
  const advance = (ms: number) => {
    time += ms;
  };
  return { productlane, plain, bridge, create, advance };
}

/** The next write of a desk is refused. */
function refuse({ emulator }: { readonly emulator: Emulator }, status: number) {
  emulator.faults.next({ kind: 'status', status }, { access: 'write' });
}

describe('traceBridge', () => {
  it('gives a span for each write of either desk', async () => {
    const { bridge, create } = world();
    const { tracer, meter, spans } = createCollector();
    traceBridge(bridge, { tracer, meter });
    const { operationId } = await create();
    await bridge.drain();
    expect(spans.map((span) => [span.name, span.root, span.attributes, span.status])).toEqual([
      [
        'helpdesk createThread',
        false,
        {
          'helpdesk.operation.id': operationId,
          'helpdesk.method': 'createThread',
          'helpdesk.desk': 'productlane',
          'helpdesk.side': 'from',
          'helpdesk.outcome': 'written',
        },
        undefined,
      ],
      [
        'helpdesk createThread',
        true,
        {
          'helpdesk.operation.id': operationId,
          'helpdesk.method': 'createThread',
          'helpdesk.desk': 'plain',
          'helpdesk.side': 'to',
          'helpdesk.outcome': 'mirrored',
        },
        undefined,
      ],
    ]);
  });

  it('lets a span last as long as the write did', async () => {
    const { tracer, meter, spans, values } = createCollector();
    const { bridge, create, advance } = world({
      store: delayed('settle', () => advance(250)),
    });
    traceBridge(bridge, { tracer, meter });
    await create();
    expect(spans.map(({ startTime, endTime }) => Number(endTime) - Number(startTime))).toEqual([250]);
    expect(values('helpdesk_bridge.duration')).toEqual([250]);
  });

  it('lets the span of a failure last as long as the try did', async () => {
    const { tracer, meter, spans, values } = createCollector();
    const { bridge, create, productlane, advance } = world({ store: delayed('settle', () => advance(250)) });
    traceBridge(bridge, { tracer, meter });
    refuse(productlane, 403);
    await failure(create());
    expect(spans.map(({ startTime, endTime }) => Number(endTime) - Number(startTime))).toEqual([250]);
    expect(values('helpdesk_bridge.duration')).toEqual([250]);
  });

  it('counts what was written, and measures how far behind the mirror was', async () => {
    const { bridge, create, advance } = world();
    const { tracer, meter, values } = createCollector();
    traceBridge(bridge, { tracer, meter });
    await create();
    advance(4000);
    await bridge.drain();
    expect(values('helpdesk_bridge.written')).toEqual([1]);
    expect(values('helpdesk_bridge.mirrored')).toEqual([1]);
    expect(values('helpdesk_bridge.lag')).toEqual([4000]);
  });

  it('marks the spans of failures, and counts them by kind', async () => {
    const { bridge, create, plain, productlane, advance } = world();
    const { tracer, meter, spans, points } = createCollector();
    traceBridge(bridge, { tracer, meter });
    refuse(productlane, 403);
    await failure(create());
    await create();
    refuse(plain, 503);
    await bridge.drain();
    refuse(plain, 400);
    advance(60_000);
    await bridge.drain();
    const told = spans.map(({ attributes, status }) => [
      attributes?.['helpdesk.desk'],
      attributes?.['helpdesk.outcome'],
      attributes?.['error.type'],
      status?.code,
    ]);
    expect(told).toEqual([
      ['productlane', 'failed', 'auth', SpanStatusCode.ERROR],
      ['productlane', 'written', undefined, undefined],
      ['plain', 'retried', 'unavailable', SpanStatusCode.ERROR],
      ['plain', 'dead', 'invalid', SpanStatusCode.ERROR],
    ]);
    expect(points.map((point) => point.name)).toEqual(
      expect.arrayContaining(['helpdesk_bridge.failed', 'helpdesk_bridge.retried', 'helpdesk_bridge.dead']),
    );
  });

  it('counts reads that differ', async () => {
    const { bridge, create, plain } = world({ stage: 'shadow', compare: { share: 1 } });
    const { tracer, meter, points } = createCollector();
    traceBridge(bridge, { tracer, meter });
    const { value } = await create();
    await bridge.drain();
    for await (const { id } of plain.desk.listThreads()) await plain.desk.updateThread(id, { priority: 'low' });
    await bridge.getThread(value.id);
    await bridge.close();
    expect(points.filter((point) => point.name === 'helpdesk_bridge.diverged')).toEqual([
      { name: 'helpdesk_bridge.diverged', value: 1, attributes: { 'helpdesk.method': 'getThread' } },
    ]);
  });

  it('tells what waits when somebody collects', async () => {
    const { bridge, create, plain, advance } = world();
    const { tracer, meter, gauges } = createCollector();
    traceBridge(bridge, { tracer, meter });
    refuse(plain, 400);
    await create();
    await bridge.drain();
    await create();
    advance(7000);
    expect(await gauges()).toEqual({
      'helpdesk_bridge.backlog': 1,
      'helpdesk_bridge.backlog.age': 7000,
      'helpdesk_bridge.dead_letters': 1,
      'helpdesk_bridge.unclear': 0,
    });
  });

  it('leaves a gap in the gauges where the store does not answer', async () => {
    const store = createMemoryStore();
    const { bridge } = world({ store: { ...store, figures: () => Promise.reject(new Error('not now')) } });
    const { tracer, meter, gauges } = createCollector();
    traceBridge(bridge, { tracer, meter });
    expect(await gauges()).toEqual({});
  });

  it('tells nothing once it is ended', async () => {
    const { bridge, create } = world();
    const { tracer, meter, spans, points, gauges } = createCollector();
    const end = traceBridge(bridge, { tracer, meter });
    end();
    await create();
    await bridge.drain();
    expect([spans, points, await gauges()]).toEqual([[], [], {}]);
  });

  it('works with the providers that are there by default', async () => {
    const { bridge, create } = world();
    const end = traceBridge(bridge);
    expect((await create()).mirror.state).toBe('queued');
    end();
  });

  it('tells no address, name, title or text, whatever fails', async () => {
    const { tracer, meter, spans, points } = createCollector();
    const run = world();
    traceBridge(run.bridge, { tracer, meter });
    await everythingFails(run);
    expect(spans.length).toBeGreaterThan(5);
    const told = JSON.stringify([spans, points]);
    for (const secret of [...secrets, run.plain.emulator.apiKey, run.productlane.emulator.apiKey]) {
      expect(told).not.toContain(secret);
    }
  });
});

describe('a logger', () => {
  /** pino, as it is used, with its lines kept. */
  function logged() {
    const lines: Record<string, unknown>[] = [];
    const logger = pino({ level: 'debug' }, { write: (line: string) => lines.push(JSON.parse(line)) });
    return { lines, run: world({ logger }) };
  }

  it('that is pino gets each event at its level, with the operation that it is about', async () => {
    const { lines, run } = logged();
    const { operationId } = await run.create();
    refuse(run.plain, 400);
    await run.bridge.drain();
    expect(lines.map(({ level, event, operationId: id, msg }) => [level, event, id, msg])).toEqual([
      [20, 'intent', operationId, 'helpdesk-bridge intent'],
      [20, 'written', operationId, 'helpdesk-bridge written'],
      [50, 'dead', operationId, 'helpdesk-bridge dead'],
    ]);
  });

  it('gets no address, name, title, text or key, whatever fails', async () => {
    const { lines, run } = logged();
    await everythingFails(run);
    expect(new Set(lines.map(({ event }) => event))).toEqual(
      new Set(['intent', 'written', 'failed', 'retried', 'dead', 'mirrored', 'settled']),
    );
    const told = JSON.stringify(lines);
    for (const secret of [...secrets, run.plain.emulator.apiKey, run.productlane.emulator.apiKey]) {
      expect(told).not.toContain(secret);
    }
  });
});

/** Refused, cut off, delayed, given up, settled: each in one of its ways, with customer's words in each. */
async function everythingFails({ bridge, create, plain, productlane, advance }: ReturnType<typeof world>) {
  refuse(productlane, 400);
  await failure(create());
  const { value } = await create();
  refuse(plain, 503);
  await bridge.drain();
  refuse(plain, 400);
  advance(60_000);
  await bridge.drain();
  productlane.emulator.faults.next({ kind: 'cut', when: 'after' }, { access: 'write' });
  await failure(bridge.reply({ threadId: value.id, body: { format: 'text', content: reply } }));
  advance(600_000);
  await bridge.drain();
  productlane.emulator.faults.next({ kind: 'cut', when: 'before' }, { access: 'write' });
  await failure(bridge.addNote({ threadId: value.id, body: { format: 'text', content: reply } }));
  advance(600_000);
  await bridge.drain();
}

/** A store in memory in which something happens before a step. */
function delayed(step: 'settle', happens: () => void): Store {
  const store = createMemoryStore();
  return {
    ...store,
    [step]: (...given: Parameters<Store['settle']>) => {
      happens();
      return store[step](...given);
    },
  };
}
