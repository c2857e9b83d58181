/** How a served emulator is inspected and steered: `/_emulator`, JSON in and out, no key. */
import { Hono } from 'hono';
import { z } from 'zod';
import type { Emulator } from './emulator.ts';
import type { Fault } from './faults.ts';

const applied = z.enum(['no', 'yes', 'later']).optional();
const landsAfterMs = z.number().min(0).optional();

const faultShape: z.ZodType<Fault> = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('status'),
    status: z.int().min(200).max(599),
    body: z.unknown().optional(),
    headers: z.record(z.string(), z.string()).optional(),
    applied,
    landsAfterMs,
  }),
  z.strictObject({ kind: z.literal('cut'), when: z.enum(['before', 'during', 'after']), landsAfterMs }),
  z.strictObject({ kind: z.literal('stall'), at: z.enum(['headers', 'body']), applied, landsAfterMs }),
  z.strictObject({ kind: z.literal('truncate') }),
  z.strictObject({ kind: z.literal('garble'), body: z.string().optional() }),
  z.strictObject({ kind: z.literal('slow'), ms: z.number().min(0) }),
  z.strictObject({ kind: z.literal('shift') }),
]);

const matchShape = z.strictObject({
  method: z.string().optional(),
  path: z.string().optional(),
  operation: z.string().optional(),
  access: z.enum(['read', 'write']).optional(),
});

const faultBody = z.union([
  z.strictObject({ fault: faultShape, match: matchShape.optional() }),
  z.strictObject({
    random: z.strictObject({
      seed: z.int(),
      rate: z.number().min(0).max(1),
      kinds: z.array(faultShape).optional(),
      match: matchShape.optional(),
    }),
  }),
]);

const webhookBody = z.union([
  z.strictObject({
    target: z.strictObject({
      id: z.string().min(1),
      url: z.url(),
      secret: z.string().min(1),
      events: z.array(z.string().min(1)).min(1),
    }),
  }),
  z.strictObject({ remove: z.string() }),
  z.strictObject({ duplicate: z.int().min(0) }),
  z.strictObject({ hold: z.literal(true) }),
  z.strictObject({ release: z.enum(['in-order', 'reversed']) }),
]);

const clockBody = z.strictObject({ advanceMs: z.number().min(0).optional(), skewMs: z.number().optional() });
const seedBody = z.strictObject({ size: z.enum(['small', 'large']) });
const receiveBody = z.strictObject({
  threadId: z.string(),
  html: z.string().optional(),
  text: z.string().optional(),
  subject: z.string().optional(),
});

/**
 * | call | effect |
 * |---|---|
 * | `GET /_emulator` | name, base URL path, key, time, number of requests |
 * | `GET /_emulator/state` | everything that is stored |
 * | `PUT /_emulator/state` | replaces it by what `GET` gave |
 * | `GET /_emulator/requests` | the requests so far |
 * | `GET /_emulator/post-room` | what was delivered, and whom the team had notified |
 * | `GET /_emulator/webhooks` | targets, attempts and events given up |
 * | `POST /_emulator/webhooks` | `{ target }`, `{ remove: id }`, `{ duplicate: times }`, `{ hold: true }` or `{ release: 'in-order' \| 'reversed' }` |
 * | `POST /_emulator/faults` | `{ fault, match? }` queues one; `{ random }` from now on |
 * | `DELETE /_emulator/faults` | none any more |
 * | `POST /_emulator/clock` | `{ advanceMs?, skewMs? }` |
 * | `POST /_emulator/receive` | `{ threadId, html?, text?, subject? }`: a contact writes |
 * | `POST /_emulator/seed` | `{ size: 'small' \| 'large' }` |
 * | `POST /_emulator/reset` | as it was made |
 */
export function createControl(emulator: Emulator): Hono {
  const { clock, faults, postRoom, webhooks, requests } = emulator;
  const app = new Hono().basePath('/_emulator');

  app.get('/', (context) =>
    context.json({
      name: emulator.name,
      path: new URL(emulator.baseUrl).pathname,
      apiKey: emulator.apiKey,
      now: clock.now(),
      requests: requests.entries.length,
    }),
  );
  app.get('/state', (context) => context.json(emulator.snapshot() as object));
  app.put('/state', async (context) => {
    emulator.restore(await context.req.json());
    return context.json({});
  });
  app.get('/requests', (context) => context.json(requests.entries));
  app.get('/post-room', (context) => context.json({ delivered: postRoom.delivered, notices: postRoom.notices }));
  app.get('/webhooks', (context) => {
    const { targets, attempts, dead } = webhooks;
    return context.json({ targets, attempts, dead });
  });
  app.post('/webhooks', async (context) => {
    const change = webhookBody.parse(await context.req.json());
    if ('target' in change) webhooks.add(change.target);
    if ('remove' in change) webhooks.remove(change.remove);
    if ('duplicate' in change) webhooks.duplicate(change.duplicate);
    if ('hold' in change) webhooks.hold();
    if ('release' in change) webhooks.release(change.release);
    return context.json({ targets: webhooks.targets });
  });
  app.post('/faults', async (context) => {
    const body = faultBody.parse(await context.req.json());
    if ('random' in body) faults.random(body.random);
    else faults.next(body.fault, body.match);
    return context.json({ waiting: faults.waiting });
  });
  app.delete('/faults', (context) => {
    faults.clear();
    return context.json({ waiting: 0 });
  });
  app.post('/clock', async (context) => {
    const { advanceMs, skewMs } = clockBody.parse(await context.req.json());
    if (skewMs !== undefined) clock.skew(skewMs);
    if (advanceMs !== undefined) await clock.advance(advanceMs);
    return context.json({ now: clock.now() });
  });
  app.post('/receive', async (context) => {
    const { threadId, ...message } = receiveBody.parse(await context.req.json());
    return context.json(emulator.receive(threadId, message));
  });
  app.post('/seed', async (context) => {
    emulator.seed(seedBody.parse(await context.req.json()).size);
    return context.json({});
  });
  app.post('/reset', (context) => {
    emulator.reset();
    return context.json({});
  });

  app.notFound((context) => context.json({ error: 'no such control' }, 404));
  app.onError((error, context) => context.json({ error: error.message }, 400));
  return app;
}
