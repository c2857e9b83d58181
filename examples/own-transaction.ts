/** A row of your own and a write to the helpdesk, in one transaction: both happen, or neither does. */
import { createBridge } from 'helpdesk-bridge';
import { createPlain } from 'helpdesk-bridge/plain';
import { createProductlane } from 'helpdesk-bridge/productlane';
import { openStore } from 'helpdesk-bridge/store';
import { createRealClock, emulatePlain, emulateProductlane } from 'helpdesk-bridge/testing';
import pg from 'pg';

const url = process.env['DATABASE_URL'] ?? 'postgres://postgres@127.0.0.1:5432/test';
const productlane = emulateProductlane({ clock: createRealClock() });
const plain = emulatePlain({ clock: createRealClock() });
const store = await openStore(url); // in the same database as your own tables, in a schema of its own
const bridge = createBridge({
  from: createProductlane({ apiKey: productlane.apiKey, baseUrl: productlane.baseUrl, fetch: productlane.fetch }),
  to: createPlain({ apiKey: plain.apiKey, baseUrl: plain.baseUrl, fetch: plain.fetch }),
  stage: 'dual-write',
  store, // this process is also the worker; with `drain: false` another one is
});

const pool = new pg.Pool({ connectionString: url });
await pool.query('create table if not exists example_refunds (amount integer not null, operation text not null)');

/** Gives the id of the operation that tells the helpdesk. */
async function refund(amount: number): Promise<string> {
  const client = await pool.connect();
  try {
    await client.query('begin');
    const { operationId } = await bridge.enqueue(client, {
      method: 'createThread',
      input: {
        contact: { email: 'ada@example.com' },
        title: `Refund of ${amount}`,
        body: { format: 'text', content: 'Please check.' },
      },
    });
    await client.query('insert into example_refunds values ($1, $2)', [amount, operationId]);
    if (amount > 100) throw new Error('too much');
    await client.query('commit');
    return operationId;
  } catch (error) {
    await client.query('rollback');
    throw error;
  } finally {
    client.release();
  }
}

console.log(await refund(500).catch((error: Error) => error.message)); // too much
const operationId = await refund(50);
const { mirror } = await bridge.outcome(operationId, { mirror: true });
const { rows } = await pool.query('select amount from example_refunds');
console.log(rows, mirror.state); // [ { amount: 50 } ] done
console.log([...productlane.state.threads.values()].map(({ title }) => title)); // [ 'Refund of 50' ]
console.log(plain.state.threads.size); // 1

await pool.query('drop table example_refunds');
await pool.end();
await bridge.close();
await store.close();
