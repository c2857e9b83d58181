/** A bridge keeps every promise of the interface at each stage, whichever desk answers. */
import { createBridge, type Stage, stages } from '../src/index.ts';
import type { World } from '../src/testing/index.ts';
import { describeConformance } from './conformance.ts';
import { memoryWorld, type Opened, plainWorld, productlaneWorld } from './worlds.ts';

/** The world of the desk that answers, with the bridge in front of it. */
async function bridgeWorld(
  stage: Stage,
  openFrom: () => Promise<World | Opened>,
  openTo: () => Promise<World | Opened>,
) {
  const from = await openFrom();
  const to = await openTo();
  const answers = stages.indexOf(stage) >= stages.indexOf('live') ? to : from;
  const users = [from, to].map((world) => world.known.agentId).filter((id) => id.startsWith('u_'));
  const bridge = createBridge({
    from: from.helpdesk,
    to: to.helpdesk,
    stage,
    drain: false,
    ...(users[0] !== undefined && { recordOptions: { plain: { userId: users[0] } } }),
  });
  return {
    ...answers,
    helpdesk: bridge,
    journaled: true,
    close: async () => {
      await bridge.drain();
      await bridge.close();
      for (const world of [from, to]) await close(world);
    },
  };
}

async function close(world: World | Opened): Promise<void> {
  if ('close' in world) await world.close();
}

const productlane = () => productlaneWorld();
const plain = () => plainWorld();
const memory = async () => memoryWorld();
const forgetful = async () => memoryWorld({ forgetful: true });

describeConformance('A bridge', {
  ...Object.fromEntries(
    stages.map((stage) => [
      `at ${stage} from Productlane to Plain`,
      { open: () => bridgeWorld(stage, productlane, plain) },
    ]),
  ),
  'at dual-write from Plain to Productlane': { open: () => bridgeWorld('dual-write', plain, productlane) },
  'at live from Plain to Productlane': { open: () => bridgeWorld('live', plain, productlane) },
  'at dual-write from a desk that keeps everything to one that keeps nothing': {
    open: () => bridgeWorld('dual-write', memory, forgetful),
  },
  'at live from a desk that keeps everything to one that keeps nothing': {
    open: () => bridgeWorld('live', memory, forgetful),
  },
});
