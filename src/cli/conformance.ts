/** The safe part of the conformance kit on the helpdesk a person has chosen, told line by line. */
import pc from 'picocolors';
import type { Helpdesk } from '../core/helpdesk.ts';
import { runConformance } from '../testing/conformance.ts';
import type { Known, World } from '../testing/world.ts';
import { wrong } from './problem.ts';

/** Records of the workspace that the cases may refer to, as they were typed. */
export interface Given {
  readonly agent: string | undefined;
  /** Two ids with a comma between them. */
  readonly labels: string | undefined;
  readonly company: string | undefined;
}

/** True if every promise that could be tried was kept. Creates threads and contacts of its own, and delivers nothing. */
export async function conforms(helpdesk: Helpdesk, given: Given): Promise<boolean> {
  const world = openWorld(helpdesk, given);
  const count = { kept: 0, broken: 0, failed: 0, skipped: 0 };
  for await (const { name, outcome, reason } of runConformance(() => world)) {
    count[outcome]++;
    if (outcome === 'kept') console.log(`${pc.green('✓')} ${name}`);
    if (outcome === 'broken' || outcome === 'failed')
      console.log(`${pc.red('✗')} ${name}\n  ${outcome}: ${reason ?? ''}`);
  }
  const { kept, broken, failed, skipped } = count;
  console.log(`${kept} kept, ${broken} broken, ${failed} failed, ${skipped} not tried on a real workspace`);
  return broken + failed === 0;
}

function openWorld(helpdesk: Helpdesk, { agent, labels = '', company }: Given): World {
  const [first, second, ...more] = labels.split(',').map((label) => label.trim());
  const issues = [
    ...(agent ? [] : [{ path: '--agent', message: 'is missing: the id of a person of the team' }]),
    ...(first && second && more.length === 0
      ? []
      : [{ path: '--labels', message: 'must be two ids with a comma between them' }]),
    ...(company
      ? []
      : [{ path: '--company', message: 'is missing: the id of a company (Productlane) or tenant (Plain)' }]),
  ];
  if (!agent || !first || !second || !company || issues.length > 0) {
    throw wrong('doctor', ...issues);
  }
  const run = Date.now().toString(36);
  let people = 0;
  return {
    helpdesk,
    // A domain that is reserved for examples: no mailbox is behind it.
    email: () => `conformance-${run}-${++people}@example.com`,
    known: { agentId: agent, labelIds: [first, second], companyId: company, customFields: [], absent: absent() },
  };
}

/** Ids of the desks' forms. On Productlane any word has the form. */
function absent(): Known['absent'] {
  const nobody = '00000000000000000000000000';
  return { threadId: `th_${nobody}`, contactId: `c_${nobody}`, labelId: `lt_${nobody}`, agentId: `u_${nobody}` };
}
