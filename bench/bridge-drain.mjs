/**
 * How many of the mirror's jobs a second are done, on a mirror that answers at
 * once: SQLite with one worker, PostgreSQL with one and with four. Each worker
 * is a process.
 *
 * `BENCH_JOBS`: how many are queued for each measurement, default 5 000, each
 * on a thread of its own.
 */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { fill } from './bridge-fill.mjs';
import { engines, newPlace, openPlace } from './bridge-stores.mjs';
import { messageOf } from './children.mjs';

const jobs = Number(process.env['BENCH_JOBS'] ?? 5000);
const rounds = 3;
const measured = [
  { engine: 'SQLite', workers: 1, atLeast: 500 },
  { engine: 'PostgreSQL', workers: 1 },
  { engine: 'PostgreSQL', workers: 4, atLeast: 300 },
];

export async function run() {
  const there = await engines();
  const rows = [];
  for (const { engine, workers, atLeast } of measured.filter((one) => there.includes(one.engine))) {
    const values = await rates(engine, workers);
    const what = `${jobs.toLocaleString('en')} jobs, ${engine}, ${workers === 1 ? 'one worker' : `${workers} workers`}`;
    rows.push({ what, values, unit: 'jobs/s', ...(atLeast && { atLeast }) });
  }
  return rows;
}

/** Jobs a second in each round. The workers stay: in the first round, which does not count, their code is compiled. */
async function rates(engine, count) {
  const place = await newPlace(engine);
  const store = await openPlace(place.address);
  const script = fileURLToPath(new URL('bridge-worker.mjs', import.meta.url));
  const argument = JSON.stringify({ address: place.address });
  const workers = Array.from({ length: count }, () => fork(script, [argument]));
  try {
    await Promise.all(workers.map(messageOf));
    const values = [];
    for (let round = 0; round <= rounds; round += 1) {
      await fill(store, jobs);
      values.push(await drained(store, workers));
    }
    return values.slice(1);
  } finally {
    for (const worker of workers) worker.disconnect();
    await Promise.all(workers.map((worker) => once(worker, 'exit')));
    await store.close();
    await place.remove();
  }
}

/** From when the workers may begin until nothing is queued. */
async function drained(store, workers) {
  const start = performance.now();
  for (const worker of workers) worker.send('work');
  for (;;) {
    const { queued, dead } = await store.figures();
    if (dead > 0) throw new Error('the mirror refused a thread');
    if (queued === 0) break;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  const rate = (jobs * 1000) / (performance.now() - start);
  const resting = workers.map(messageOf);
  for (const worker of workers) worker.send('rest');
  await Promise.all(resting);
  return rate;
}
