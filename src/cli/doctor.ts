/** `helpdesk-bridge doctor`: whether the key of the chosen helpdesk works, and what it may do. */
import { defineCommand } from 'citty';
import pc from 'picocolors';
import { createHelpdesk, readEnvironment } from '../config.ts';
import { told } from './problem.ts';

export const doctor = defineCommand({
  meta: { name: 'doctor', description: 'Check the helpdesk of HELPDESK: key, permissions, limits. Reads only' },
  run: () =>
    told(async () => {
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
      if (missing.length === 0) return console.log(`${pc.green('✓')} every method may be used`);
      console.log(`${pc.yellow('!')} some methods need permissions that the key lacks: ${missing.join(', ')}`);
      process.exitCode = 1;
    }),
});
