/**
 * How many threads a second each adapter creates, beside a client without its
 * care: Plain's own, and ky with the same validation.
 *
 * The server and each client have a process of their own.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { messageOf } from './children.mjs';
import { interleaved, ratios } from './report.mjs';

const at = (file) => fileURLToPath(new URL(file, import.meta.url));

const rounds = 11;
const loads = [
  { name: 'one at a time', calls: 250, concurrency: 1 },
  { name: '50 at once', calls: 1000, concurrency: 50 },
];
const pairs = [
  { ours: 'plain', theirs: '@team-plain/graphql', atLeast: 0.75 },
  { ours: 'productlane', theirs: 'ky and zod', atLeast: 0.7 },
];

export async function run() {
  const server = fork(at('throughput-server.mjs'));
  const clients = {};
  try {
    const origin = await messageOf(server);
    for (const name of pairs.flatMap(({ ours, theirs }) => [ours, theirs])) {
      clients[name] = fork(at('throughput-client.mjs'), [name, origin]);
      for (const load of loads) await measure(clients[name], { ...load, calls: 1500 });
    }
    const rows = [];
    for (const load of loads) {
      const contenders = Object.entries(clients).map(([name, client]) => [name, () => measure(client, load)]);
      const results = await interleaved(rounds, Object.fromEntries(contenders));
      for (const pair of pairs) rows.push(...rowsOf(pair, load, results));
    }
    return rows;
  } finally {
    // Not killed: a profile is written by a process that ends by itself.
    for (const child of [server, ...Object.values(clients)]) if (child.connected) child.disconnect();
  }
}

function rowsOf({ ours, theirs, atLeast }, { name, calls }, results) {
  const rate = (side) => results[side].map(({ ms }) => (calls / ms) * 1000);
  const cpu = (side) => results[side].map(({ cpuMs }) => (cpuMs / calls) * 1000);
  return [
    { what: `${ours}, ${name}`, values: rate(ours), unit: 'calls/s' },
    { what: `${theirs}, ${name}`, values: rate(theirs), unit: 'calls/s' },
    { what: `${ours} / ${theirs}, ${name}`, values: ratios(rate(ours), rate(theirs)), unit: '', atLeast },
    { what: `${ours}, ${name}, processor time a call`, values: cpu(ours), unit: 'us' },
    { what: `${theirs}, ${name}, processor time a call`, values: cpu(theirs), unit: 'us' },
  ];
}

/** @returns {Promise<{ ms: number, cpuMs: number }>} */
function measure(client, load) {
  client.send(load);
  return messageOf(client);
}
