/**
 * Whether memory stays where it is over 200 000 writes and their jobs.
 *
 * `BENCH_MEMORY_JOBS`: another number of them. 200 000 take some minutes.
 */
import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { newPlace } from './bridge-stores.mjs';
import { messageOf } from './children.mjs';

const jobs = Number(process.env['BENCH_MEMORY_JOBS'] ?? 200_000);

export async function run() {
  const place = await newPlace('SQLite');
  try {
    const script = fileURLToPath(new URL('bridge-memory-probe.mjs', import.meta.url));
    const options = { execArgv: [...process.execArgv, '--expose-gc'] };
    const child = fork(script, [JSON.stringify(place.address), String(jobs)], options);
    const samples = await messageOf(child);
    const at = (share, figure) => samples[Math.round((samples.length - 1) * share)][figure];
    const rows = ['heap', 'rss'].flatMap((figure) => [
      ...[
        ['start', 0],
        ['middle', 0.5],
        ['end', 1],
      ].map(([word, share]) => ({ what: `${figure}, ${word}`, values: [at(share, figure)], unit: 'MB' })),
      // The first tenth is when code is compiled and caches fill.
      {
        what: `${figure}, growth for 100 000 jobs`,
        values: [slope(samples.slice(samples.length / 10), figure)],
        unit: 'MB',
        atMost: 5,
      },
    ]);
    const { done, seconds, kept } = samples.at(-1);
    return [
      { what: 'writes and jobs', values: [done], unit: '' },
      { what: 'of these a second', values: [done / seconds], unit: 'jobs/s' },
      { what: 'operations still kept at the end', values: [kept], unit: '' },
      ...rows,
    ];
  } finally {
    await place.remove();
  }
}

/** By least squares. */
function slope(samples, figure) {
  const mean = (of) => samples.reduce((sum, sample) => sum + of(sample), 0) / samples.length;
  const [x, y] = [mean(({ done }) => done), mean((sample) => sample[figure])];
  const along = mean(({ done }) => (done - x) ** 2);
  return (mean((sample) => (sample.done - x) * (sample[figure] - y)) / along) * 100_000;
}
