/**
 * Which benches run: `node bench/run.mjs` all, `node bench/run.mjs NAME…` those.
 *
 * They measure `dist`, so build first. A missed target is a word in the table
 * and not a failure: clocks differ between machines.
 */
import { availableParallelism, cpus } from 'node:os';
import { printTable } from './report.mjs';

/** In this order. Each module exports `run`, which gives its rows. */
const names = [
  'import',
  'size',
  'throughput',
  'bodies',
  'emulator',
  'bridge-latency',
  'bridge-drain',
  'bridge-memory',
  'bridge-limits',
];

const asked = process.argv.slice(2);
const unknown = asked.filter((name) => !names.includes(name));
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}: there are ${names.join(', ')}.`);
  process.exit(2);
}

console.log(`Node ${process.version}, ${availableParallelism()} x ${cpus()[0]?.model ?? 'unknown processor'}\n`);
const rowsOf = {};
for (const name of names.filter((name) => asked.length === 0 || asked.includes(name))) {
  console.error(`${name} …`);
  const bench = await import(`./${name}.mjs`);
  rowsOf[name] = await bench.run();
}
printTable(rowsOf);
