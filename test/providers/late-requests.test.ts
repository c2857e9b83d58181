/** A request that fails after the record is there: the loss says how, so that a bridge can make up for it. */
import { describe, expect, it } from 'vitest';
import { contact, past, plainDesk, productlaneDesk, text, thread } from '../desks.ts';

const opening = { externalId: 'm-1', kind: 'inbound', body: text('Old.'), createdAt: past } as const;
const imported = { contact, title: 'Old', externalId: 'e-1', createdAt: past, messages: [opening] };
const answers = [
  [503, 'unavailable'],
  [429, 'rate-limited'],
  [400, 'invalid'],
] as const;

/** Nothing is repeated, and there is a label. */
async function labelled() {
  const { desk, emulator } = productlaneDesk({}, { retries: 0 });
  const create = async (path: string, json: object) =>
    ((await desk.native.request('POST', path, { json })) as { readonly id: string }).id;
  const group = await create('/tags/groups', { name: 'Kinds', color: '#336699' });
  const tag = await create('/tags', { name: 'Bug', color: '#336699', icon: 'tag', tag_group_id: group });
  return { desk, faults: emulator.faults, labelIds: [tag] };
}

describe.each(answers)('an answer of %i to what comes last', (status, failed) => {
  const loss = { how: 'dropped', failed };

  it('is told of the labels of a new thread on Productlane', async () => {
    const { desk, faults, labelIds } = await labelled();
    faults.next({ kind: 'status', status }, { method: 'PATCH' });
    const { losses } = await desk.createThread({ ...thread, labelIds });
    expect(losses).toContainEqual(expect.objectContaining({ ...loss, field: 'labelIds' }));
  });

  it('is told of the labels of an import on Productlane', async () => {
    const { desk, faults, labelIds } = await labelled();
    faults.next({ kind: 'status', status }, { method: 'PATCH' });
    const { losses } = await desk.importThread({ ...imported, labelIds });
    expect(losses).toContainEqual(expect.objectContaining({ ...loss, field: 'labelIds' }));
  });

  it('is told of the custom fields of an import on Plain', async () => {
    const { desk, emulator } = plainDesk({}, { retries: 0 });
    emulator.setup.addThreadFieldSchema({ key: 'k', type: 'STRING' });
    emulator.faults.next({ kind: 'status', status }, { operation: 'UpdateThread' });
    const customFields = [{ key: 'k', type: 'string', value: 'gold' }] as const;
    const { losses } = await desk.importThread({ ...imported, customFields });
    expect(losses).toContainEqual(expect.objectContaining({ ...loss, field: 'customFields' }));
  });
});

it('what a desk has no place for has not failed', async () => {
  const { desk } = productlaneDesk();
  const { losses } = await desk.createThread({ ...thread, externalId: 'e-1' });
  expect(losses).toContainEqual(expect.objectContaining({ field: 'externalId' }));
  expect(losses.map(({ failed }) => failed)).toEqual(losses.map(() => undefined));
});
