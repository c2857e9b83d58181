/** `helpdesk-bridge demo`: the same program on both helpdesks, and what each of them kept. */
import { type ArgsDef, defineCommand } from 'citty';
import { markdownTable } from 'markdown-table';
import pc from 'picocolors';
import { createHelpdesk, readEnvironment } from '../config.ts';
import { HelpdeskError } from '../core/errors.ts';
import type { Helpdesk } from '../core/helpdesk.ts';
import { createRealClock } from '../emulators/clock.ts';
import { emulatePlain } from '../emulators/plain/index.ts';
import { emulateProductlane } from '../emulators/productlane/index.ts';
import { serve } from '../emulators/serve.ts';
import { conversations } from './conversations.ts';
import { tellOutage } from './outage.ts';
import { checkWords, told } from './problem.ts';
import { type Telling, tell } from './story.ts';

const desks = ['productlane', 'plain'] as const;
type Name = (typeof desks)[number];

const titles = { productlane: 'Productlane', plain: 'Plain' } as const satisfies Record<Name, string>;

interface Stage {
  readonly helpdesk: Helpdesk;
  /** What contacts received; `undefined` on a real desk, which does not tell. */
  readonly delivered: (() => number) | undefined;
  close(): Promise<void>;
}

const args = {
  live: {
    type: 'boolean',
    default: false,
    description: 'Use the real service of each key in PRODUCTLANE_API_KEY and PLAIN_API_KEY. Sends a real reply',
  },
  to: {
    type: 'string',
    description: 'With --live: the address of the contact, yours, who will get the reply',
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
      const open = given.live ? openLive() : openEmulated();
      const stages = new Map<Name, Stage>();
      try {
        for (const name of desks) {
          const stage = await open(name);
          if (stage) stages.set(name, stage);
        }
        await show(stages, given.live ? addressee(given.to) : undefined);
        if (!given.live) await tellOutage();
      } finally {
        await Promise.all([...stages.values()].map((stage) => stage.close()));
      }
    }),
});

async function show(stages: ReadonlyMap<Name, Stage>, address: string | undefined): Promise<void> {
  for (const { heading, material } of conversations(address)) {
    const tellings = new Map<Name, Telling>();
    for (const [name, { helpdesk }] of stages) tellings.set(name, await tell(helpdesk, material));
    console.log(`\n${pc.bold(heading)}\n`);
    console.log(table(tellings));
    for (const [name, { losses }] of tellings) {
      const reported = losses.map(({ field, how, stored }) => `${field} ${how}${stored ? ` to ${stored}` : ''}`);
      console.log(`${titles[name]} reported: ${reported.join(', ') || 'nothing lost'}`);
    }
  }
  const mails = [...stages].flatMap(([name, { delivered }]) => (delivered ? [`${titles[name]} ${delivered()}`] : []));
  if (mails.length > 0)
    console.log(`\nMessages delivered to contacts: ${mails.join(', ')} (one reply for each thread, no note)`);
}

/** One row for each field; ✓ where it was read back as it was given. */
function table(tellings: ReadonlyMap<Name, Telling>): string {
  const names = [...tellings.keys()];
  const first = tellings.values().next().value?.lines ?? [];
  const rows = first.map(({ field, given }, index) => {
    const kept = names.map((name) => {
      const line = tellings.get(name)?.lines[index];
      const mark = line?.same ? '✓' : line?.given === undefined ? ' ' : '≠';
      return `${mark} ${line?.kept ?? '–'}`;
    });
    return [field, given ?? '–', ...kept];
  });
  return markdownTable([['field', 'given', ...names.map((name) => `${titles[name]} kept`)], ...rows]);
}

function openEmulated(): (name: Name) => Promise<Stage> {
  return async (name) => {
    const clock = createRealClock();
    const emulator = name === 'plain' ? emulatePlain({ clock }) : emulateProductlane({ clock });
    const served = await serve(emulator);
    const options = { apiKey: emulator.apiKey, baseUrl: served.url };
    return {
      helpdesk: createHelpdesk({ helpdesk: name, [name]: options }),
      delivered: () => emulator.postRoom.delivered.length,
      close: () => served.close(),
    };
  };
}

function openLive(): (name: Name) => Promise<Stage | undefined> {
  const keys = desks.filter((name) => process.env[`${name.toUpperCase()}_API_KEY`]);
  if (keys.length === 0) {
    throw refusal([
      { path: 'PRODUCTLANE_API_KEY', message: 'is not set' },
      { path: 'PLAIN_API_KEY', message: 'is not set: --live needs one of the two' },
    ]);
  }
  return async (name) =>
    keys.includes(name)
      ? {
          helpdesk: createHelpdesk(readEnvironment({ ...process.env, HELPDESK: name })),
          delivered: undefined,
          close: async () => {},
        }
      : undefined;
}

function addressee(address: string | undefined): string {
  if (address) return address;
  throw refusal([
    { path: '--to', message: 'is missing: --live really sends a reply, so it needs an address of yours' },
  ]);
}

function refusal(issues: HelpdeskError['issues']): HelpdeskError {
  return new HelpdeskError({
    provider: 'helpdesk-bridge',
    operation: 'demo',
    kind: 'invalid',
    reason: 'invalid input',
    applied: 'no',
    issues,
  });
}
