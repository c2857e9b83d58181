/**
 * Answers every creation with the same thread, as fast as it can.
 *
 * A GraphQL client gets exactly the fields that its document selects, worked
 * out on its first request.
 */
import { createServer } from 'node:http';
import { parse } from 'graphql';

const time = { iso8601: '2026-11-20T09:30:00.000Z', unixTimestamp: '1795167000000' };
const machine = { __typename: 'MachineUserActor', machineUserId: 'mu_01JD3Q5V9W8X7Y6Z5A4B3C2D1E' };
const actor = { ...machine, machineUser: { id: machine.machineUserId } };
const text = 'Hello, since Monday the weekly export holds only the header line. The filter is unchanged.';

const plainThread = {
  id: 'th_01JD3Q5V9W8X7Y6Z5A4B3C2D1E',
  ref: 'T-10482',
  title: 'Export is empty since Monday',
  description: text,
  previewText: text,
  priority: 2,
  status: 'TODO',
  statusDetail: { __typename: 'ThreadStatusDetailCreated', createdAt: time, statusChangedAt: time },
  statusChangedAt: time,
  statusChangedBy: actor,
  channel: 'API',
  customer: {
    id: 'c_01JD3Q5V9W8X7Y6Z5A4B3C2D1E',
    fullName: 'Ada Brandt',
    email: { email: 'ada@customer.example', isVerified: true },
    createdAt: time,
    updatedAt: time,
  },
  additionalAssignees: [],
  labels: [
    { id: 'l_01JD3Q5V9W8X7Y6Z5A4B3C2D1E', labelType: { id: 'lt_01JD3Q5V9W8X7Y6Z5A4B3C2D1E', name: 'Bug report' } },
  ],
  threadFields: [],
  supportEmailAddresses: ['support@desk.example'],
  tenant: { id: 'te_01JD3Q5V9W8X7Y6Z5A4B3C2D1E', name: 'Acme', externalId: 'acme' },
  firstInboundMessageInfo: { timestamp: time, messageSource: 'API' },
  lastInboundMessageInfo: { timestamp: time, messageSource: 'API' },
  createdAt: time,
  createdBy: actor,
  updatedAt: time,
  updatedBy: actor,
};

const contact = {
  id: 'con_8f3kq02mz7vx',
  created_at: time.iso8601,
  updated_at: time.iso8601,
  email: 'ada@customer.example',
  name: 'Ada Brandt',
  image_url: null,
  company_id: 'cmp_5m1xq9zt40ab',
};

const productlaneThread = {
  id: 'thr_2x9vb41kq8mz',
  created_at: time.iso8601,
  updated_at: time.iso8601,
  title: 'Export is empty since Monday',
  text: `<p>${text}</p><p>Kind regards<br>Ada</p>`,
  pain_level: 'MEDIUM',
  origin: 'API',
  status: 'open',
  snoozed_until: null,
  notified: false,
  contact,
  company: { id: contact.company_id, name: 'Acme', domains: ['acme.example'], external_ids: {} },
  assignee: null,
  project: null,
  issue: null,
  tags: [{ id: 'tag_77xw0qp1', name: 'Bug report', color: '#ff5f56' }],
};

const limits = (reset) => ({
  'content-type': 'application/json; charset=utf-8',
  'x-ratelimit-limit': '100000',
  'x-ratelimit-remaining': '99999',
  'x-ratelimit-reset': reset,
});
const plainHead = { ...limits('2026-11-20T09:31:00.000Z'), 'apigw-requestid': 'Yk3pTg1mLPEEMvA=' };
const productlaneHead = { ...limits('1795167060'), 'x-request-id': 'req_0c9d8b7a6f5e' };
const productlaneBody = JSON.stringify(productlaneThread);

/** By `User-Agent`, so that later requests are not parsed. */
const plainBodies = new Map();

const server = createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  request.on('end', () => {
    if (request.url === '/threads') {
      response.writeHead(201, productlaneHead).end(productlaneBody);
      return;
    }
    const client = request.headers['user-agent'];
    let body = plainBodies.get(client);
    if (!body) {
      body = answerTo(JSON.parse(Buffer.concat(chunks).toString()).query);
      plainBodies.set(client, body);
    }
    response.writeHead(200, plainHead).end(body);
  });
});

server.listen(0, '127.0.0.1', () => process.send(`http://127.0.0.1:${server.address().port}`));
process.on('disconnect', () => process.exit());

function answerTo(query) {
  const { definitions } = parse(query);
  const fragments = new Map(
    definitions.flatMap((it) => (it.kind === 'FragmentDefinition' ? [[it.name.value, it]] : [])),
  );
  const operation = definitions.find(({ kind }) => kind === 'OperationDefinition');
  const data = selected({ createThread: { thread: plainThread } }, operation.selectionSet);
  return JSON.stringify({ data });

  /** What a record has no value for is null. A type condition holds where the record names no type of its own. */
  function selected(record, selectionSet) {
    if (record === undefined || record === null) return null;
    if (Array.isArray(record)) return record.map((item) => selected(item, selectionSet));
    if (!selectionSet) return record;
    return Object.assign(
      {},
      ...selectionSet.selections.map((selection) => {
        switch (selection.kind) {
          case 'FragmentSpread':
            return selected(record, fragments.get(selection.name.value).selectionSet);
          case 'InlineFragment': {
            const holds = [undefined, selection.typeCondition.name.value].includes(record.__typename);
            return holds ? selected(record, selection.selectionSet) : {};
          }
          default:
            return {
              [selection.alias?.value ?? selection.name.value]: selected(
                record[selection.name.value],
                selection.selectionSet,
              ),
            };
        }
      }),
    );
  }
}
