import { expect, it } from 'vitest';
import { createVirtualClock } from '../../src/emulators/clock.ts';
import { createBridge } from '../../src/index.ts';
import { collect, plainDesk, productlaneDesk, text, thread } from '../desks.ts';

it('works', async () => {
  const clock = createVirtualClock();
  const pl = productlaneDesk({ clock });
  const plain = plainDesk({ clock });
  let stage: 'dual-write' | 'live' = 'dual-write';
  const bridge = createBridge({
    from: pl.desk,
    to: plain.desk,
    stage: () => stage,
    drain: false,
    now: () => clock.now().getTime(),
    recordOptions: { plain: { userId: plain.emulator.userId } },
  });
  for (const n of ['dead', 'retried', 'trouble', 'failed', 'settled'] as const) bridge.on(n, (e) => console.log(n, e));
  const created = await bridge.createThread(thread, { idempotencyKey: 'a' });
  console.log(created.mirror, created.losses);
  await bridge.reply({ threadId: created.value.id, body: text('hello') });
  await bridge.addNote({ threadId: created.value.id, body: text('secret') });
  await bridge.updateThread(created.value.id, { title: 'New', priority: 'urgent' });
  await bridge.drain();
  console.log(await bridge.figures());
  const all = await collect(plain.desk.listThreads());
  console.log(all.map(({ raw, ...t }) => t));
  console.log(
    (await collect(plain.desk.listMessages(all[0]!.id))).map(({ kind, body, createdAt }) => [kind, body, createdAt]),
  );
  const again = await bridge.createThread(thread, { idempotencyKey: 'a' });
  console.log(again.mirror, again.value.id === created.value.id, await bridge.verify());
  stage = 'live';
  console.log((await bridge.getThread(created.value.id)).id);
  await bridge.reply({ threadId: created.value.id, body: text('from plain') });
  const old = await pl.desk.createThread({ ...thread, title: 'old one' });
  await bridge.reply({ threadId: old.value.id, body: text('adopted') });
  await bridge.drain();
  console.log((await collect(pl.desk.listMessages(created.value.id))).map(({ kind, body }) => [kind, body.content]));
  console.log((await collect(pl.desk.listMessages(old.value.id))).map(({ kind, body }) => [kind, body.content]));
  console.log(
    pl.emulator.postRoom.delivered.length,
    plain.emulator.postRoom.delivered.length,
    await bridge.figures(),
    await bridge.verify(),
  );
  expect(1).toBe(1);
});
