/** How fast bodies are converted, on typical mails and on a very long one. */
import { fromParse5 } from 'hast-util-from-parse5';
import { sanitize } from 'hast-util-sanitize';
import { parse } from 'parse5';
import rehypeRemark from 'rehype-remark';
import remarkGfm from 'remark-gfm';
import remarkStringify from 'remark-stringify';
import { unified } from 'unified';
import { convertBody } from '../dist/index.js';
import { real, typical, worst } from './mails.mjs';
import { interleaved, ratios } from './report.mjs';

const rounds = 11;
const times = 40;

/** The same libraries as they come: no losses, no limits, no care for what mail programs write. */
const toMarkdownTree = unified().use(rehypeRemark).freeze();
const writer = unified().use(remarkGfm).use(remarkStringify).freeze();

export async function run() {
  const contenders = {
    markdown: () => timed(times, () => convertAll(typical, 'markdown')),
    ...(real.length > 0 && { real: () => timed(times, () => convertAll(real, 'markdown')) }),
    libraries: () => timed(times, async () => typical.forEach(librariesAlone)),
    html: () => timed(times, () => convertAll(typical, 'html')),
    long: () => timed(1, () => convertAll([worst], 'markdown')),
  };
  await rich(worst);
  await interleaved(2, contenders);
  const { markdown, real: inbox = [], libraries, html, long } = await interleaved(rounds, contenders);
  const rate = (results, figure, mails = typical) =>
    results.map((result) => (times * mails.length * 1000) / result[figure]);
  const beside = ratios(rate(markdown, 'cpuMs'), rate(libraries, 'cpuMs'));
  return [
    ...(inbox.length > 0
      ? [{ what: 'real mails to Markdown', values: rate(inbox, 'ms', real), unit: 'mails/s', atLeast: 1500 }]
      : []),
    { what: 'dense mails to Markdown', values: rate(markdown, 'ms'), unit: 'mails/s' },
    { what: 'the same by processor time', values: rate(markdown, 'cpuMs'), unit: 'mails/s' },
    { what: 'the libraries alone by processor time', values: rate(libraries, 'cpuMs'), unit: 'mails/s' },
    { what: 'ours / the libraries alone', values: beside, unit: '' },
    { what: 'dense mails to sanitised HTML', values: rate(html, 'ms'), unit: 'mails/s' },
    { what: '141 kB mail to Markdown', values: long.map(({ ms }) => ms), unit: 'ms', atMost: 600 },
    { what: 'the same, processor time', values: long.map(({ cpuMs }) => cpuMs), unit: 'ms' },
  ];
}

function librariesAlone(html) {
  return writer.stringify(toMarkdownTree.runSync(sanitize(fromParse5(parse(html)))));
}

async function convertAll(mails, to) {
  for (const content of mails) await convertBody({ format: 'html', content }, to);
}

/** The long mail must not be fast because it was taken for too large. */
async function rich(content) {
  const { content: markdown, losses } = await convertBody({ format: 'html', content }, 'markdown');
  const flattened = losses.some(({ stored }) => stored === 'plain text');
  if (flattened || !markdown.includes('**nicht mehr anmelden**')) throw new Error('the long mail lost its formatting');
}

async function timed(repetitions, work) {
  const cpu = process.cpuUsage();
  const start = performance.now();
  for (let repetition = 0; repetition < repetitions; repetition += 1) await work();
  const { user, system } = process.cpuUsage(cpu);
  return { ms: performance.now() - start, cpuMs: (user + system) / 1000 };
}
