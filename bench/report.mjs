/** What a bench hands in, and how many measurements become one line. */

/**
 * One line of the table. The median counts for the target.
 *
 * @typedef {object} Row
 * @property {string} what
 * @property {readonly number[]} values One for each round.
 * @property {string} unit Empty for a ratio.
 * @property {number} [atMost]
 * @property {number} [atLeast]
 */

/** @param {readonly number[]} values */
export function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * Every contender once a round, in a new random order each round, so that what
 * else the machine does falls on all of them alike.
 *
 * @template Result
 * @param {number} rounds
 * @param {Readonly<Record<string, () => Promise<Result>>>} contenders
 * @returns {Promise<Record<string, Result[]>>} By contender, in the order of the rounds.
 */
export async function interleaved(rounds, contenders) {
  const names = Object.keys(contenders);
  const results = Object.fromEntries(names.map((name) => [name, []]));
  for (let round = 0; round < rounds; round += 1) {
    for (const name of shuffled(names)) results[name].push(await contenders[name]());
  }
  return results;
}

/**
 * The quotient of each round: what slows a round down slows both sides of it.
 *
 * @param {readonly number[]} ours
 * @param {readonly number[]} theirs
 */
export function ratios(ours, theirs) {
  return ours.map((value, round) => value / theirs[round]);
}

/** @param {Readonly<Record<string, readonly Row[]>>} rowsOf By bench. */
export function printTable(rowsOf) {
  const lines = Object.entries(rowsOf).flatMap(([bench, rows]) =>
    rows.map(({ what, values, unit, atMost, atLeast }) => {
      const middle = median(values);
      const target = atMost === undefined ? atLeast : atMost;
      const met = atMost === undefined ? middle >= atLeast : middle <= atMost;
      return [
        bench,
        what,
        `${digits(middle)} ${unit}`.trim(),
        values.length > 1 ? `${digits(Math.min(...values))} .. ${digits(Math.max(...values))}` : '',
        target === undefined ? '' : `${atMost === undefined ? '>=' : '<='} ${digits(target)}`,
        target === undefined ? '' : met ? 'met' : 'MISSED',
      ];
    }),
  );
  const head = ['bench', 'measured', 'median', 'min .. max', 'target', 'verdict'];
  const widths = head.map((title, column) => Math.max(title.length, ...lines.map((line) => line[column].length)));
  const rule = widths.map((width) => '-'.repeat(width));
  for (const line of [head, rule, ...lines]) {
    console.log(`| ${line.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  }
}

/** Three digits that count, without an exponent. */
function digits(value) {
  return Math.abs(value) >= 100 ? Math.round(value).toLocaleString('en') : String(Number(value.toPrecision(3)));
}

function shuffled(list) {
  return list
    .map((item) => ({ item, at: Math.random() }))
    .sort((a, b) => a.at - b.at)
    .map(({ item }) => item);
}
