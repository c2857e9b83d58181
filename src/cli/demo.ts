/** `helpdesk-bridge demo`: the same program on both helpdesks, and what each of them kept. */
import { type ArgsDef, defineCommand } from 'citty';
import { markdownTable } from 'markdown-table';
import pc from 'picocolors';
import { createHelpdesk, readEnvironment } from '../config.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import { emailInput } from '../core/inputs.ts';
import { issuesOf } from '../core/validate.ts';
import { notSet } from '../core/variables.ts';
import { createRealClock } from '../emulators/clock.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { type Served, serve } from '../emulators/serve.ts';
import { conversations } from './conversations.ts';
import { type DeskName, deskNames, keyVariable } from './desks.ts';
import { counted } from './operations.ts';
import { tellOutage } from './outage.ts';
import { told, wrong } from './problem.ts';
import { type Telling, tell } from './story.ts';
import { checkWords, requireWith } from './words.ts';

const titles = { productlane: 'Productlane', plain: 'Plain' } as const satisfies Record<DeskName, string>;

type Helpdesks = ReadonlyMap<DeskName, Helpdesk>;

const args = {
  live: {
    type: 'boolean',
    default: false,
    description: 'Use the real service of each key in PRODUCTLANE_API_KEY and PLAIN_API_KEY. Sends real replies',
  },
  to: {
    type: 'string',
    description: 'With --live: the address of the contact, yours, who will get the replies',
    valueHint: 'address',
  },
} satisfies ArgsDef;

export const demo = defineCommand({
  meta: {
    name: 'demo',
    description: 'Tell the life of a thread on both helpdesks: emulated ones, or with --live the real ones',
  },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('demo', rawArgs, args);
      requireWith('demo', '--live', given.live, { '--to': given.to });
      await (given.live ? onRealDesks(given.to) : onEmulatedDesks());
    }),
});

async function onEmulatedDesks(): Promise<void> {
  const clock = createRealClock();
  const emulators = { productlane: emulateProductlane({ clock }), plain: emulatePlain({ clock: createRealClock() }) };
  const open: Served[] = [];
  try {
    const helpdesks = new Map<DeskName, Helpdesk>();
    for (const name of deskNames) {
      const served = await serve(emulators[name]);
      open.push(served);
      const options = { apiKey: emulators[name].apiKey, baseUrl: served.url };
      helpdesks.set(name, createHelpdesk({ helpdesk: name, [name]: options }));
    }
    await show(helpdesks, undefined, () => {});
    const delivered = deskNames.map((name) => `${titles[name]} ${emulators[name].postRoom.delivered.length}`);
    console.log(`\nDelivered to contacts: ${delivered.join(', ')} (one reply a thread, no note)`);
  } finally {
    await Promise.all(open.map((served) => served.close()));
  }
  await tellOutage();
}

/** Nothing is written before the address and every key have been looked at. */
async function onRealDesks(to: string | undefined): Promise<void> {
  const names = deskNames.filter((name) => process.env[keyVariable(name)]);
  const address = to ?? '';
  const issues = [
    ...(names.length > 0
      ? []
      : deskNames
          .map(keyVariable)
          .map((path) => ({ path, message: `${notSet(path, process.env)}: --live needs one of the two` }))),
    ...(to === undefined
      ? [{ path: '--to', message: 'is missing: --live really sends replies, so it needs an address of yours' }]
      : issuesOf(emailInput, to, '--to')),
  ];
  if (issues.length > 0) throw wrong('demo', ...issues);
  const helpdesks = new Map(
    names.map((name) => [name, createHelpdesk(readEnvironment({ ...process.env, HELPDESK: name }))] as const),
  );
  for (const [name, helpdesk] of helpdesks) {
    const { workspace, missing } = await helpdesk.check();
    const lacks = missing.length > 0 ? `, and lacks ${missing.join(', ')}` : '';
    console.log(`${pc.green('✓')} ${name}: the key of ${workspace.name ?? workspace.id} works${lacks}`);
  }
  const replies = conversations(address).length;
  const each = names.map((name) => `${replies} from ${titles[name]}`).join(', ');
  console.log(`Sends ${counted(replies * names.length, 'reply', 'replies')} to the address of --to: ${each}`);
  const left: string[] = [];
  try {
    await show(helpdesks, address, (name, record) => left.push(`${name}: ${record}`));
  } finally {
    console.log('\nLeft there, for you to delete:');
    for (const record of new Set(left)) console.log(`  ${record}`);
  }
}

async function show(
  helpdesks: Helpdesks,
  address: string | undefined,
  left: (name: DeskName, record: string) => void,
): Promise<void> {
  console.log("\n✓ as it was given (in brackets the desk's own word), ≠ changed or not kept");
  for (const { heading, material } of conversations(address)) {
    const tellings = new Map<DeskName, Telling>();
    for (const [name, helpdesk] of helpdesks)
      tellings.set(name, await tell(helpdesk, material, (record) => left(name, record)));
    console.log(`\n${pc.bold(heading)}\n`);
    console.log(table(tellings));
    for (const [name, { losses }] of tellings) {
      const reported = losses.map(({ field, how, stored }) => `${field} ${how}${stored ? ` to ${stored}` : ''}`);
      console.log(`${titles[name]} reported: ${reported.join(', ') || 'nothing lost'}`);
    }
  }
}

/** One row for each field. */
function table(tellings: ReadonlyMap<DeskName, Telling>): string {
  const names = [...tellings.keys()];
  const first = tellings.values().next().value?.lines ?? [];
  const rows = first.map(({ field, given }, index) => {
    const kept = names.map((name) => {
      const line = tellings.get(name)?.lines[index];
      if (!line?.same) return `${given === undefined ? ' ' : '≠'} ${line?.kept ?? '–'}`;
      return line.kept === given ? '✓' : `✓ ${line.kept}`;
    });
    return [field, given ?? '–', ...kept];
  });
  return markdownTable([['field', 'given', ...names.map((name) => titles[name])], ...rows]);
}
