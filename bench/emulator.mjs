/** How fast the emulated desks start and answer over sockets, and what 100 000 threads of five messages cost them. */
import { fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import {
  CreateThreadDocument,
  ThreadDocument,
  UpsertCustomerDocument,
} from '../dist/providers/plain/generated/graphql.js';
import { messageOf } from './children.mjs';
import { interleaved } from './report.mjs';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

const starts = 7;
const rounds = 7;
const pairsARound = 200;
const concurrency = 10;

export async function run() {
  const first = [];
  for (let round = 0; round < starts; round += 1) first.push(await firstAnswer());
  return [
    { what: 'command, start to first answer', values: first, unit: 'ms', atMost: 1500 },
    ...(await throughput()),
    ...(await large('productlane')),
    ...(await large('plain')),
  ];
}

async function firstAnswer() {
  const start = performance.now();
  const { desks, agent, stop } = await emulate();
  await productlane(desks, agent, 'GET', '/me');
  const ms = performance.now() - start;
  await stop();
  return ms;
}

async function throughput() {
  const { desks, agent, stop } = await emulate();
  try {
    const contact = await plainContact(desks, agent);
    const contenders = {
      productlane: () => rate(() => productlanePair(desks, agent)),
      plain: () => rate(() => plainPair(desks, agent, contact)),
    };
    await interleaved(2, contenders);
    const results = await interleaved(rounds, contenders);
    return Object.entries(results).map(([name, values]) => ({
      what: `${name}, create and get over sockets`,
      values,
      unit: 'requests/s',
    }));
  } finally {
    await stop();
  }
}

/** Requests a second: each pair is a creation and a read. */
async function rate(pair) {
  const start = performance.now();
  let left = pairsARound;
  const worker = async () => {
    while (left > 0) {
      left -= 1;
      await pair();
    }
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
  return (2 * pairsARound * 1000) / (performance.now() - start);
}

const title = 'Export is empty since Monday';
const text = 'Hello, since Monday the weekly export holds only the header line. The filter is unchanged.';

async function productlanePair(desks, agent) {
  const thread = { contact_email: 'ada@customer.example', title, text: `<p>${text}</p>`, pain_level: 'MEDIUM' };
  const { id } = await productlane(desks, agent, 'POST', '/threads', thread);
  await productlane(desks, agent, 'GET', `/threads/${id}`);
}

async function plainPair(desks, agent, customerId) {
  const components = [{ componentPlainText: { plainText: text } }];
  const input = { customerIdentifier: { customerId }, title, components };
  const { createThread } = await plain(desks, agent, CreateThreadDocument, { input });
  await plain(desks, agent, ThreadDocument, { threadId: createThread.thread.id });
}

async function plainContact(desks, agent) {
  const email = { email: 'ada@customer.example', isVerified: true };
  const input = { identifier: { emailAddress: email.email }, onCreate: { fullName: 'Ada', email }, onUpdate: {} };
  return (await plain(desks, agent, UpsertCustomerDocument, { input })).upsertCustomer.customer.id;
}

function productlane({ productlane: { url, apiKey } }, agent, method, path, json) {
  return exchange(url + path, method, apiKey, agent, json);
}

async function plain({ plain: { url, apiKey } }, agent, query, variables) {
  return (await exchange(url, 'POST', apiKey, agent, { query, variables })).data;
}

/** Node's own client with sockets kept open: lighter than fetch, so that the server is what is measured. */
async function exchange(url, method, apiKey, agent, json) {
  const headers = {
    authorization: `Bearer ${apiKey}`,
    'user-agent': 'bench',
    ...(json && { 'content-type': 'application/json' }),
  };
  const outgoing = request(url, { method, headers, agent }).end(json && JSON.stringify(json));
  const [response] = await once(outgoing, 'response');
  const chunks = await response.toArray();
  const body = Buffer.concat(chunks).toString();
  if (response.statusCode > 299) throw new Error(`the emulator answered ${response.statusCode}: ${body.slice(0, 200)}`);
  return JSON.parse(body);
}

/** The command in a process of its own, ready to be asked. */
async function emulate() {
  const child = spawn(process.execPath, [at('../dist/cli/index.js'), 'emulate', '--no-rate-limits'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const [line] = await once(createInterface(child.stdout), 'line');
  const agent = new Agent({ keepAlive: true, maxSockets: concurrency });
  return {
    desks: JSON.parse(line),
    agent,
    async stop() {
      agent.destroy();
      child.kill();
      await once(child, 'exit');
    },
  };
}

async function large(name) {
  const child = fork(at('emulator-probe.mjs'), [name]);
  const { mb, usualPageMs, largestPageMs, messagesMs } = await messageOf(child);
  return [
    { what: `${name} with 100 000 threads, peak memory`, values: [mb], unit: 'MB', atMost: 1500 },
    { what: `${name}, a page of the usual size`, values: usualPageMs, unit: 'ms', atMost: 9.9 },
    { what: `${name}, a page of the largest size`, values: largestPageMs, unit: 'ms' },
    { what: `${name}, the messages of a thread`, values: messagesMs, unit: 'ms' },
  ];
}
