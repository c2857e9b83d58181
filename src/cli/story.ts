/** The life of one thread, told on any helpdesk: what was given at each step, and what the desk kept of it. */
import { convertBody } from '../core/bodies.ts';
import type { CreateThreadInput, Helpdesk } from '../core/helpdesk.ts';
import type { Body, Loss, Message } from '../core/model.ts';

export interface Line {
  readonly field: string;
  readonly given: string | undefined;
  readonly kept: string | undefined;
  /** Whether what was read back says the same as what was given. */
  readonly same: boolean;
}

export interface Telling {
  readonly lines: readonly Line[];
  readonly losses: readonly Loss[];
}

export interface Material extends Omit<CreateThreadInput, 'contact'> {
  readonly contact: { readonly email: string; readonly name?: string | undefined };
  readonly reply: Body;
  readonly note: Body;
  readonly until: Date;
}

/**
 * Creates a contact and a thread, reads it, replies, adds a note, snoozes and
 * closes it. The reply is delivered. `left` is called with what stays there.
 */
export async function tell(desk: Helpdesk, material: Material, left: (record: string) => void): Promise<Telling> {
  const { reply, note, until, contact, ...input } = material;
  const lines: Line[] = [];
  const losses: Loss[] = [];
  const line = (field: string, given: string | undefined, kept: string | undefined, same = given === kept) =>
    lines.push({ field, given, kept, same: given !== undefined && same });

  const person = await desk.upsertContact(contact);
  left(`contact ${person.value.id}`);
  line('contact.email', contact.email, person.value.email);
  line('contact.name', contact.name, person.value.name);

  const created = await desk.createThread({ ...input, contact: { id: person.value.id } });
  left(`thread ${created.value.id}`);
  losses.push(...created.losses);
  const thread = await desk.getThread(created.value.id);
  line('title', input.title, thread.title);
  const { priority, channel } = thread;
  line('priority', input.priority, `${priority.is} (${priority.raw})`, priority.is === input.priority);
  line('externalId', input.externalId, thread.externalId);
  line('createdAt', day(input.createdAt), day(thread.createdAt));
  line('channel', undefined, `${channel.is} (${channel.raw})`);

  const sent = await desk.reply({ threadId: thread.id, body: reply });
  const noted = await desk.addNote({ threadId: thread.id, body: note });
  losses.push(...sent.losses, ...noted.losses);

  const messages: Message[] = [];
  for await (const message of desk.listMessages(thread.id)) messages.push(message);
  const [opening, ...later] = messages;
  const written = async (field: string, given: Body, kept: Message | undefined) => {
    const [before, after] = [await words(given), kept ? await words(kept.body) : ''];
    const same = before === after;
    line(
      field,
      excerpt(given.format, before),
      kept && (same ? kept.body.format : excerpt(kept.body.format, after)),
      same,
    );
  };
  await written('body', input.body, opening);
  await written(
    'reply',
    reply,
    later.find(({ kind }) => kind === 'outbound'),
  );
  await written(
    'note',
    note,
    later.find(({ kind }) => kind === 'note'),
  );
  line('messages', 'inbound, outbound, note', messages.map(({ kind }) => kind).join(', '));

  const snoozed = await desk.updateThread(thread.id, { status: { is: 'snoozed', until } });
  const { status } = snoozed.value;
  line('snoozed until', minute(until), status.is === 'snoozed' ? minute(status.until) : status.is);
  const closed = await desk.updateThread(thread.id, { status: { is: 'done' } });
  line('status', 'done', closed.value.status.is);
  return { lines, losses: [...losses, ...snoozed.losses, ...closed.losses] };
}

/** What a reader sees, whatever the format. */
export async function words(body: Body): Promise<string> {
  const { content } = await convertBody(body, 'text');
  return content.replace(/\s+/g, ' ').trim();
}

function excerpt(format: string, visible: string): string {
  const whole = `${format}: ${visible}`;
  return whole.length > 24 ? `${whole.slice(0, 23).trimEnd()}…` : whole;
}

function day(date: Date | undefined): string | undefined {
  return date?.toISOString().slice(0, 10);
}

function minute(date: Date | undefined): string | undefined {
  return date?.toISOString().slice(0, 16).replace('T', ' ');
}
