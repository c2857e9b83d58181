import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { ProductlaneOptions } from '../../src/emulators/productlane/index.ts';
import { type Answer, createWorld, ids, invalidAt, minimal, refusedAs, type World } from './productlane.world.ts';

/** Every page, with the same query, from the first to the one that has no more. */
async function walk(world: World, path: string, between?: () => Promise<unknown>): Promise<readonly Answer[]> {
  const pages: Answer[] = [];
  let cursor = '';
  do {
    const page = await world.get(`${path}${cursor && `&cursor=${encodeURIComponent(cursor)}`}`);
    if (page.status !== 200) throw new Error(JSON.stringify(page.body));
    pages.push(page);
    cursor = page.body.page.cursor ?? '';
    await between?.();
  } while (cursor !== '');
  return pages;
}

const openMany = async (world: World, count: number, fields: Record<string, unknown> = {}): Promise<string[]> => {
  const opened: string[] = [];
  for (let index = 0; index < count; index += 1) opened.push((await world.open(fields)).id);
  return opened;
};

describe('a list', () => {
  it('is newest first, ties by id, and ends with no cursor', async () => {
    const world = createWorld();
    const created_at = '2025-01-01T00:00:00Z';
    const [first, second] = await openMany(world, 2, { created_at });
    const [third] = await openMany(world, 1);
    const [fourth] = await openMany(world, 1, { created_at: '2024-01-01T00:00:00Z' });
    const page = await world.get('/threads');
    expect(ids(page)).toEqual([third, second, first, fourth]);
    expect(page.body.page).toEqual({ cursor: null, has_more: false, limit: 50 });
  });

  it('holds 50 unless told otherwise, and tells the size', async () => {
    const world = createWorld();
    await openMany(world, 51);
    expect((await world.get('/threads')).body).toMatchObject({
      data: { length: 50 },
      page: { limit: 50, has_more: true },
    });
    expect((await world.get('/threads?limit=200')).body).toMatchObject({ data: { length: 51 }, page: { limit: 200 } });
  });

  it.each(['0', '201', '-1', '1.5', '', 'ten', '1e1', '%2050'])('refuses the limit %j', async (limit) => {
    expect(await createWorld().get(`/threads?limit=${limit}`)).toMatchObject(invalidAt('limit'));
  });

  it('has a cursor that is the sort key in base64', async () => {
    const world = createWorld();
    const [, id] = await openMany(world, 2);
    const { cursor } = (await world.get('/threads?limit=1')).body.page;
    expect(JSON.parse(atob(cursor))).toEqual({ id, createdAt: world.emulator.state.threads.get(id!)?.created_at });
  });

  it.each(['nonsense', 'bm9uc2Vuc2U=', btoa('{"id":"x"}'), btoa('{"id":"x","createdAt":"then"}'), btoa('null')])(
    'refuses the cursor %j',
    async (cursor) => {
      expect(await createWorld().get(`/threads?cursor=${encodeURIComponent(cursor)}`)).toMatchObject(
        refusedAs(422, 'unprocessable'),
      );
    },
  );

  it('goes on although the row of the cursor is gone', async () => {
    const world = createWorld();
    const [first, second, third] = await openMany(world, 3);
    const { cursor } = (await world.get('/threads?limit=2')).body.page;
    await world.remove(`/threads/${second}`);
    expect(ids(await world.get(`/threads?limit=2&cursor=${encodeURIComponent(cursor)}`))).toEqual([first]);
    expect(ids(await world.get('/threads'))).toEqual([third, first]);
  });

  it('gives each row once, whatever the page size, while rows arrive', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.record({
          before: fc.array(fc.integer({ min: 0, max: 5 }), { maxLength: 12 }),
          limit: fc.integer({ min: 1, max: 5 }),
          arriving: fc.array(fc.boolean(), { maxLength: 8 }),
          emptyLastPage: fc.boolean(),
          sparsePages: fc.boolean(),
          ids: fc.constantFrom('prefixed', 'uuid'),
          list: fc.constantFrom('/threads?status=open', '/threads?'),
        }),
        async ({ before, limit, arriving, list, ...switches }) => {
          const world = createWorld(switches as ProductlaneOptions);
          const opened: string[] = [];
          for (const second of before) {
            opened.push((await world.open({ created_at: new Date(second * 1000).toISOString() })).id);
          }
          const coming = [...arriving];
          const pages = await walk(world, `${list}&limit=${limit}`, async () => {
            // Sometimes new, sometimes back-dated to before everything: both must leave the others in place.
            const back = coming.pop();
            if (back !== undefined) await world.open(back ? { created_at: '1960-01-01T00:00:00Z' } : {});
          });
          const seen = pages.flatMap(ids);
          expect(new Set(seen).size).toBe(seen.length);
          expect(seen.filter((id) => opened.includes(id)).sort()).toEqual([...opened].sort());
          expect(pages.every((page) => page.body.data.length <= limit)).toBe(true);
        },
      ),
      { numRuns: 60 },
    );
  });
});

describe('filters and cursors', () => {
  const twoPages = async (foreignCursor: 'refused' | 'accepted') => {
    const world = createWorld({ foreignCursor });
    await openMany(world, 3, { status: 'done' });
    const { cursor } = (await world.get('/threads?limit=1&status=done')).body.page;
    return { world, next: `cursor=${encodeURIComponent(cursor)}` };
  };

  it('go together: a cursor is refused under other filters', async () => {
    const { world, next } = await twoPages('refused');
    expect(await world.get(`/threads?limit=1&status=open&${next}`)).toMatchObject(refusedAs(422, 'unprocessable'));
    expect(await world.get(`/threads?limit=1&${next}`)).toMatchObject(refusedAs(422, 'unprocessable'));
    expect(await world.get(`/contacts?limit=1&${next}`)).toMatchObject(refusedAs(422, 'unprocessable'));
    expect((await world.get(`/threads?${next}&status=done&limit=2`)).body.data).toHaveLength(2);
  });

  it('may be mixed where the switch says so', async () => {
    const { world, next } = await twoPages('accepted');
    expect((await world.get(`/threads?limit=1&${next}`)).body.data).toHaveLength(1);
  });

  it('share a cursor where two walks meet at the same row', async () => {
    const world = createWorld();
    await openMany(world, 2);
    const { cursor } = (await world.get('/threads?limit=1&status=open')).body.page;
    expect((await world.get('/threads?limit=1')).body.page.cursor).toBe(cursor);
    for (const filter of ['', '&status=open']) {
      expect((await world.get(`/threads?limit=1${filter}&cursor=${encodeURIComponent(cursor)}`)).status).toBe(200);
    }
  });
});

describe('the last page', () => {
  it('is never empty by default', async () => {
    const world = createWorld({ emptyLastPage: false });
    await openMany(world, 4);
    expect((await walk(world, '/threads?limit=2')).map(({ body }) => [body.data.length, body.page.has_more])).toEqual([
      [2, true],
      [2, false],
    ]);
  });

  it('may be empty although the page before promised more', async () => {
    const world = createWorld({ emptyLastPage: true });
    await openMany(world, 4);
    expect((await walk(world, '/threads?limit=2')).map(({ body }) => [body.data.length, body.page.has_more])).toEqual([
      [2, true],
      [2, true],
      [0, false],
    ]);
  });

  it('promises no more where only rows follow that the filter drops', async () => {
    const world = createWorld();
    await openMany(world, 2, { status: 'done' });
    await openMany(world, 2);
    expect((await world.get('/threads?limit=2&status=open')).body.page).toMatchObject({
      has_more: false,
      cursor: null,
    });
  });

  it('comes after pages that are short or empty where filters apply after the limit', async () => {
    const world = createWorld({ sparsePages: true });
    await openMany(world, 1, { status: 'done' });
    await openMany(world, 4);
    const pages = await walk(world, '/threads?limit=2&status=done');
    expect(pages.map(({ body }) => [body.data.length, body.page.has_more])).toEqual([
      [0, true],
      [0, true],
      [1, false],
    ]);
  });
});

describe('query parameters', () => {
  it('that nobody documents are refused', async () => {
    expect(await createWorld().get('/threads?take=5&skip=1')).toMatchObject(invalidAt('take', 'skip'));
    expect(await createWorld().get('/threads?status=open&status=done')).toMatchObject(invalidAt('status'));
    expect(await createWorld().get('/members?take=5')).toMatchObject(invalidAt('take'));
  });

  it('that nobody documents are ignored where the switch says so', async () => {
    expect((await createWorld({ unknownQuery: 'ignored' }).get('/threads?take=5')).status).toBe(200);
  });

  it('that are no known word are refused', async () => {
    for (const query of ['status=OPEN', 'tab=all', 'pain_level=low', 'created_after=yesterday']) {
      expect(await createWorld().get(`/threads?${query}`)).toMatchObject(invalidAt(query.split('=')[0]!));
    }
  });
});

describe('filters that only other clients know', () => {
  const found = async (thirdPartyFilters: 'work' | 'ignored' | 'refused') => {
    const world = createWorld({ thirdPartyFilters });
    await world.open({ pain_level: 'HIGH', updated_at: '2025-06-01T00:00:00Z' });
    await world.open({ updated_at: '2025-01-01T00:00:00Z' });
    return Promise.all(
      ['updated_after=2025-03-01T00:00:00Z', 'pain_level=HIGH'].map((query) => world.get(`/threads?${query}`)),
    );
  };

  it('work', async () => {
    expect((await found('work')).map(({ body }) => body.data.length)).toEqual([1, 1]);
  });

  it('are ignored where the switch says so', async () => {
    expect((await found('ignored')).map(({ body }) => body.data.length)).toEqual([2, 2]);
  });

  it('are refused where the switch says so, even among ignored ones', async () => {
    const [dates, pain] = await found('refused');
    expect(dates).toMatchObject(invalidAt('updated_after'));
    expect(pain).toMatchObject(invalidAt('pain_level'));
    const world = createWorld({ thirdPartyFilters: 'refused', unknownQuery: 'ignored' });
    expect(await world.get('/threads/x/messages?q=a')).toMatchObject(invalidAt('q'));
  });
});

describe('date filters', () => {
  it.each([
    ['exclusive', [1, 1]],
    ['inclusive', [2, 2]],
  ] as const)('are %s', async (dateBounds, lengths) => {
    const world = createWorld({ dateBounds });
    for (const day of ['01', '02']) await world.open({ created_at: `2025-01-${day}T00:00:00Z` });
    const after = await world.get('/threads?created_after=2025-01-01T00:00:00Z');
    const before = await world.get('/threads?created_before=2025-01-02T02:00:00%2B02:00');
    expect([after, before].map(({ body }) => body.data.length)).toEqual(lengths);
  });
});

describe('threads by filter', () => {
  it('are found by every field', async () => {
    const world = createWorld();
    const { body: company } = await world.post('/companies', { name: 'Acme' });
    const { body: group } = await world.post('/tags/groups', { name: 'Kind', color: '#000' });
    const tag = (await world.post('/tags', { name: 'bug', color: '#f00', icon: 'x', tag_group_id: group.id })).body;
    const [member] = world.emulator.state.members.keys();
    await world.open();
    const wanted = await world.open({
      contact_email: 'bob@customer.invalid',
      company_id: company.id,
      assignee_id: member,
      pain_level: 'HIGH',
      origin: 'email',
      project_id: 'prj_1',
      issue_id: 'iss_1',
      status: 'done',
      created_at: '2025-01-01T00:00:00Z',
      updated_at: '2025-02-01T00:00:00Z',
    });
    world.emulator.state.threads.get(wanted.id)!.external_ids = { zendesk: 'z-1' };
    const queries = [
      'status=done',
      'tab=done',
      `assignee_id=${member}`,
      `contact_id=${wanted.contact.id}`,
      `company_id=${company.id}`,
      'pain_level=HIGH',
      'origin=email',
      'issue_id=iss_1',
      'project_id=prj_1',
      'external_id=z-1',
      'created_before=2025-01-02T00:00:00Z',
      'updated_before=2025-02-02T00:00:00Z',
    ];
    for (const query of queries)
      expect([query, ids(await world.get(`/threads?${query}`))]).toEqual([query, [wanted.id]]);
    await world.patch(`/threads/${wanted.id}`, { tag_ids: [tag.id] });
    expect(ids(await world.get(`/threads?tag_id=${tag.id}`))).toEqual([wanted.id]);
    expect(ids(await world.get('/threads?contact_id=none'))).toEqual([]);
  });
});

describe('a list that shifts', () => {
  it.each(['/threads', '/contacts', '/companies'])('%s keeps the rows of a walk', async (list) => {
    const world = createWorld();
    for (let index = 0; index < 4; index += 1) {
      await world.open({ contact_email: `c${index}@customer.invalid` });
      await world.post('/companies', { name: `C${index}` });
    }
    const before = ids(await world.get(list));
    world.emulator.faults.next({ kind: 'shift' });
    const pages = await walk(world, `${list}?limit=2`);
    expect(pages.flatMap(ids)).toEqual(before);
    expect(ids(await world.get(list))).toHaveLength(5);
  });

  it('shows a new message or comment at the near end', async () => {
    const world = createWorld();
    const { id } = await world.open(minimal);
    for (const list of ['messages', 'comments']) {
      const path = `/threads/${id}/${list}`;
      const before = ids(await world.get(path)).length;
      world.emulator.faults.next({ kind: 'shift' });
      await world.get(path);
      expect(ids(await world.get(path))).toHaveLength(before + 1);
    }
  });
});
