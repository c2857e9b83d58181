/** How the tests talk to an emulated Plain: small GraphQL calls, and the records they start from. */
import { emulatePlain, type PlainEmulator, type PlainOptions } from '../../src/emulators/plain/index.ts';

export interface Answer {
  readonly status: number;
  readonly headers: Headers;
  // biome-ignore lint/suspicious/noExplicitAny: the shape is the query's, which the schema checks.
  readonly body: any;
}

export interface AskOptions {
  readonly key?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

export interface Failure {
  readonly type: string;
  readonly code: string;
  readonly message: string;
  readonly fields: readonly { readonly field: string; readonly message: string; readonly type: string }[];
}

export function plainWorld(options: PlainOptions = {}) {
  const emulator: PlainEmulator = emulatePlain(options);

  async function ask(query: string, variables: object = {}, { key, headers }: AskOptions = {}): Promise<Answer> {
    const response = await emulator.fetch(emulator.baseUrl, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'user-agent': 'test',
        authorization: `Bearer ${key ?? emulator.apiKey}`,
        ...headers,
      },
      body: JSON.stringify({ query, variables }),
    });
    const text = await response.text();
    const isJson = response.headers.get('content-type')?.includes('json');
    return { status: response.status, headers: response.headers, body: isJson ? JSON.parse(text) : text };
  }

  /** The data of a query; fails the test if there is none. */
  async function read(query: string, variables: object = {}, asked: AskOptions = {}) {
    const { body } = await ask(query, variables, asked);
    if (body.errors) throw new Error(JSON.stringify(body.errors));
    return body.data;
  }

  /** The payload of one mutation, its `error` included. */
  async function mutate(name: string, input: object, selection = '', asked: AskOptions = {}) {
    const type = `${name[0]?.toUpperCase()}${name.slice(1)}Input`;
    const query = `mutation M($input: ${type}!) { ${name}(input: $input) {
      ${selection} error { type code message fields { field message type } } } }`;
    const data = await read(query, { input }, asked);
    return data[name];
  }

  async function refusal(name: string, input: object, asked: AskOptions = {}): Promise<Failure> {
    const { error } = await mutate(name, input, '', asked);
    if (!error) throw new Error(`${name} was not refused.`);
    return error;
  }

  async function addCustomer(email = 'ada@example.com', fullName = 'Ada Lovelace'): Promise<string> {
    const payload = await mutate(
      'upsertCustomer',
      {
        identifier: { emailAddress: email },
        onCreate: { fullName, email: { email, isVerified: true } },
        onUpdate: {},
      },
      'customer { id }',
    );
    return payload.customer.id;
  }

  async function addThread(customerId: string, input: object = {}): Promise<string> {
    const payload = await mutate(
      'createThread',
      { customerIdentifier: { customerId }, title: 'A title', ...input },
      'thread { id }',
    );
    if (payload.error) throw new Error(JSON.stringify(payload.error));
    return payload.thread.id;
  }

  async function importThread(customerId: string, input: object = {}): Promise<string> {
    const payload = await mutate(
      'importThread',
      {
        customerIdentifier: { customerId },
        title: 'Old',
        externalId: 'old-1',
        priority: 2,
        status: 'DONE',
        statusDetail: { type: 'DONE_MANUALLY_SET' },
        createdAt: '2020-02-03T04:05:06.000Z',
        ...input,
      },
      'thread { id }',
    );
    if (payload.error) throw new Error(JSON.stringify(payload.error));
    return payload.thread.id;
  }

  const thread = (id: string) => {
    const found = emulator.state.threads.get(id);
    if (!found) throw new Error(`no thread ${id}`);
    return found;
  };
  const timeline = (id: string) => emulator.state.timelines.get(id) ?? [];
  const contents = (id: string) => timeline(id).map(({ content }) => content);
  const customer = (id: string) => {
    const found = emulator.state.customers.get(id);
    if (!found) throw new Error(`no customer ${id}`);
    return found;
  };

  return {
    emulator,
    ask,
    read,
    mutate,
    refusal,
    addCustomer,
    addThread,
    importThread,
    thread,
    timeline,
    contents,
    customer,
  };
}
