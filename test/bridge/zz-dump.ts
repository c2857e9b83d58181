import type { World } from './schedules/world.ts';
import { threadsOn } from './schedules/contents.ts';
const t0 = Date.UTC(2026, 0, 5, 9);
export async function dump(world: World) {
  for (const o of (await world.store.listOperations({}, { limit: 100 })).toReversed()) {
    console.log(o.id.slice(-3), o.method, JSON.stringify(o.input).slice(0, 120), 'lane', o.lane.slice(-16), 'pos', o.position, o.primary, o.state, o.mirror, 'at', o.createdAt - t0, 'sent', o.sentAt && o.sentAt - t0, 'msent', o.mirrorSentAt && o.mirrorSentAt - t0, 'done', o.doneAt && o.doneAt - t0, 'due', o.dueAt - t0, o.messageId, o.failure ? `${o.failure.provider} ${o.failure.kind} ${o.failure.message}` : '');
  }
  const all: any[] = [];
  for (const e of Object.values(world.emulators)) for (const r of e.requests.entries) all.push([r.at.getTime() - t0, e.name, r.operation, r.status]);
  all.sort((a, b) => a[0] - b[0]);
  for (const r of all) console.log(r.join(' '));
  for (const s of ['from', 'to'] as const) console.log(s, JSON.stringify(threadsOn(world, s)).slice(0, 1500));
  for await (const l of world.store.listLinks('thread')) console.log(JSON.stringify(l));
}
