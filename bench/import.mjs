/** What importing the library costs a fresh process, beside what importing Plain's own client costs. */
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { interleaved, median, ratios } from './report.mjs';

const probe = fileURLToPath(new URL('import-probe.mjs', import.meta.url));
const library = new URL('../dist/index.js', import.meta.url).href;
/** What the first Plain call and the first HTML body load on top. */
const later = ['graphql-request', new URL('../dist/core/bodies/convert.js', import.meta.url).href];

const rounds = 15;

export async function run() {
  const { bare, ours, all, vendor } = await interleaved(rounds, {
    bare: () => start([]),
    ours: () => start([library]),
    all: () => start([library, ...later]),
    vendor: () => start(['@team-plain/graphql']),
  });
  const added = (side, figure) => {
    const base = median(bare.map((result) => result[figure]));
    return side.map((result) => result[figure] - base);
  };
  const ratio = (figure) => ratios(added(ours, figure), added(vendor, figure));
  return [
    { what: 'bare node, time to the first line', values: bare.map(({ ms }) => ms), unit: 'ms' },
    { what: 'added time, core and both adapters', values: added(ours, 'ms'), unit: 'ms' },
    { what: 'added time, with what first calls load', values: added(all, 'ms'), unit: 'ms' },
    { what: 'added time, @team-plain/graphql', values: added(vendor, 'ms'), unit: 'ms' },
    { what: 'added time, ours / theirs', values: ratio('ms'), unit: '', atMost: 0.3 },
    { what: 'added processor time, ours / theirs', values: ratio('cpuMs'), unit: '' },
    { what: 'added memory, core and both adapters', values: added(ours, 'mb'), unit: 'MB' },
    { what: 'added memory, with what first calls load', values: added(all, 'mb'), unit: 'MB' },
    { what: 'added memory, @team-plain/graphql', values: added(vendor, 'mb'), unit: 'MB' },
    { what: 'added memory, ours / theirs', values: ratio('mb'), unit: '', atMost: 0.15 },
  ];
}

/** @returns {Promise<{ ms: number, cpuMs: number, mb: number }>} */
async function start(specifiers) {
  const { stdout } = await promisify(execFile)(process.execPath, [probe, ...specifiers]);
  return JSON.parse(stdout);
}
