/** `helpdesk-bridge doctor`: whether the key of the chosen helpdesk works, and what it may do. */
import { type ArgsDef, defineCommand } from 'citty';
import pc from 'picocolors';
import { createHelpdesk, readEnvironment } from '../config.ts';
import { told } from './problem.ts';
import { checkWords, requireWith } from './words.ts';

const args = {
  conformance: {
    type: 'boolean',
    default: false,
    description: 'Also try the promises of the interface. Creates threads and contacts of its own, delivers nothing',
  },
  agent: { type: 'string', description: 'With --conformance: id of a person of the team', valueHint: 'id' },
  labels: { type: 'string', description: 'With --conformance: ids of two labels', valueHint: 'id,id' },
  company: { type: 'string', description: 'With --conformance: id of a company or tenant', valueHint: 'id' },
} satisfies ArgsDef;

export const doctor = defineCommand({
  meta: {
    name: 'doctor',
    description: 'Check a helpdesk: key, permissions, limits. Takes HELPDESK (productlane or plain) and its key',
  },
  args,
  run: ({ args: given, rawArgs }) =>
    told(async () => {
      checkWords('doctor', rawArgs, args);
      const { agent, labels, company } = given;
      requireWith('doctor', '--conformance', given.conformance, {
        '--agent': agent,
        '--labels': labels,
        '--company': company,
      });
      const helpdesk = createHelpdesk(readEnvironment(process.env));
      const { workspace, actor, missing, limits } = await helpdesk.check();
      console.log(`${pc.green('✓')} ${helpdesk.name}: the key works`);
      console.log(`  workspace  ${workspace.name ?? workspace.id}`);
      console.log(`  key        ${actor.name ?? actor.id}`);
      for (const [name, { perMinute, remaining }] of Object.entries(limits)) {
        console.log(
          `  ${name.padEnd(10)} ${perMinute} a minute${remaining === undefined ? '' : `, ${remaining} left`}`,
        );
      }
      if (missing.length === 0) console.log(`${pc.green('✓')} every method may be used`);
      else console.log(`${pc.yellow('!')} some methods need permissions that the key lacks: ${missing.join(', ')}`);
      if (missing.length > 0) process.exitCode = 1;
      if (!given.conformance) return;
      const { conforms } = await import('./conformance.ts');
      if (!(await conforms(helpdesk, given))) process.exitCode = 1;
    }),
});
