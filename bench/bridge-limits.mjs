/**
 * How much of a desk's write limit is used, and whether it is ever passed:
 * workers drain a backlog that does not end onto the Productlane emulator with
 * its 60 writes a minute, with one budget in the store they share.
 *
 * All cases run side by side, each on an emulator of its own.
 * `BENCH_LIMIT_MINUTES`: for how many of the desk's minutes, default 3.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fill } from './bridge-fill.mjs';
import { engines, newPlace, openPlace } from './bridge-stores.mjs';
import { messageOf } from './children.mjs';

const minutes = Number(process.env['BENCH_LIMIT_MINUTES'] ?? 3);
const perMinute = 60;
const cases = [
  { engine: 'SQLite', workers: 1 },
  { engine: 'SQLite', workers: 4 },
  { engine: 'PostgreSQL', workers: 1 },
  { engine: 'PostgreSQL', workers: 4 },
];
const at = (file) => fileURLToPath(new URL(file, import.meta.url));

export async function run() {
  const there = await engines();
  const rows = await Promise.all(cases.filter(({ engine }) => there.includes(engine)).map(limited));
  return rows.flat();
}

async function limited({ engine, workers: count }) {
  const place = await newPlace(engine);
  const server = fork(at('bridge-server.mjs'), ['productlane', '0', 'limits']);
  const store = await openPlace(place.address);
  const workers = [];
  try {
    const desk = await messageOf(server);
    const argument = JSON.stringify({ address: place.address, desk });
    for (let index = 0; index < count; index += 1) workers.push(fork(at('bridge-worker.mjs'), [argument]));
    await Promise.all(workers.map(messageOf));
    await fill(store, (minutes + 2) * perMinute);
    for (const worker of workers) worker.send('work');
    const { times, refused, others } = await firstWritesOf(server, minutes);
    const { dead, queued } = await store.figures();
    if (others > 0 || dead > 0 || queued === 0) throw new Error('the backlog was not what it should be');
    const first = times.findIndex((time) => time >= times[0] + minutes * 60_000);
    const used = first / (((times[first] - times[0]) / 60_000) * perMinute);
    const what = `${engine}, ${count === 1 ? 'one worker' : `${count} workers`}`;
    return [
      { what: `${what}, share of the allowed writes used`, values: [used * 100], unit: '%', atLeast: 97 },
      { what: `${what}, refusals (429)`, values: [refused], unit: '', atMost: 0 },
    ];
  } finally {
    for (const child of [...workers, server]) child.disconnect();
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    await store.close();
    await place.remove();
  }
}

/** Waits for the first write after so many minutes: what is used is counted from window to window. */
async function firstWritesOf(server, minutes) {
  for (;;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    server.send('writes');
    const answer = await messageOf(server);
    const { times } = answer;
    if (times.length > 0 && times.at(-1) >= times[0] + minutes * 60_000) return answer;
  }
}
