/** A web handler that writes to both desks, and does nothing twice when its client asks again. */

import { createBridge, HelpdeskError } from 'helpdesk-bridge';
import { createPlain } from 'helpdesk-bridge/plain';
import { createProductlane } from 'helpdesk-bridge/productlane';
import { openStore } from 'helpdesk-bridge/store';
import { createRealClock, emulatePlain, emulateProductlane } from 'helpdesk-bridge/testing';
import { Hono } from 'hono';

const desks = {
  productlane: emulateProductlane({ clock: createRealClock() }),
  plain: emulatePlain({ clock: createRealClock() }),
};
const { productlane, plain } = desks;
const bridge = createBridge({
  from: createProductlane({ apiKey: productlane.apiKey, baseUrl: productlane.baseUrl, fetch: productlane.fetch }),
  to: createPlain({ apiKey: plain.apiKey, baseUrl: plain.baseUrl, fetch: plain.fetch }),
  stage: 'dual-write',
  store: await openStore(':memory:'), // yours: file:bridge.db, or postgres://…
});

const app = new Hono();

app.post('/problems', async ({ req, json }) => {
  const { email, title, words } = await req.json<{ email: string; title: string; words: string }>();
  const { value, operationId } = await bridge.createThread(
    { contact: { email }, title, body: { format: 'text', content: words } },
    { idempotencyKey: req.header('Idempotency-Key'), signal: req.raw.signal },
  );
  return json({ thread: value.id, operationId }, 201);
});

/** For a client that got a 202: what has become of it since. */
app.get('/operations/:id', async ({ req, json }) => {
  const { value } = await bridge.outcome(req.param('id'), { signal: req.raw.signal });
  return json(value as object);
});

app.onError((error, { json }) => {
  if (!HelpdeskError.is(error)) throw error;
  const { kind, operationId, issues } = error;
  // It is stored and will be settled: the client must not send it again without its key.
  if (error.applied === 'unknown') return json({ operationId }, 202);
  if (kind === 'invalid') return json({ issues }, 422);
  if (kind === 'conflict') return json({ issues }, 409);
  if (kind === 'not-found') return json({ kind }, 404);
  return json({ kind }, 503, { 'Retry-After': String(Math.ceil((error.retryAfterMs ?? 5000) / 1000)) });
});

// What clients do. Yours: serve({ fetch: app.fetch }), of @hono/node-server.
const problem = { email: 'ada@example.com', title: 'Export', words: 'It is empty.' };
const post = (body: object, key: string) =>
  app.request('/problems', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', 'Idempotency-Key': key },
    body: JSON.stringify(body),
  });

const first = await post(problem, 'key-1');
const again = await post(problem, 'key-1');
console.log(first.status, again.status, (await first.text()) === (await again.text())); // 201 201 true
console.log((await post({ ...problem, title: 'Another' }, 'key-1')).status); // 409
console.log((await post({ ...problem, email: 'nobody' }, 'key-2')).status); // 422

const { operationId } = (await (await post(problem, 'key-1')).json()) as { operationId: string };
await bridge.outcome(operationId, { mirror: true });
console.log(productlane.state.threads.size, plain.state.threads.size); // 1 1
await bridge.close();
