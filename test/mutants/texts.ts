/** Desks that mangle what was written. */
import type { Body } from '../../src/core/model.ts';
import { created, type Mutants, messages, readThreads, type Sabotage } from './kit.ts';

const ascii = (content: string): string => content.replace(/[^ -~]/g, '?');
const onEveryMessage = (change: (content: string) => string): Sabotage =>
  messages((all) => all.map((one) => ({ ...one, body: { ...one.body, content: change(one.body.content) } })));
const cut = (limit: number) => (body: Body) => ({ ...body, content: body.content.slice(0, limit) });

export const textMutants: Mutants = {
  'keeps text of every alphabet in title, name and body': [
    onEveryMessage(ascii),
    created(({ title }) => ({ title: title.normalize('NFC') })),
    (desk) => ({
      getContact: async (...input) => {
        const contact = await desk.getContact(...input);
        return { ...contact, name: contact.name && ascii(contact.name) };
      },
    }),
  ],
  'keeps text of every alphabet in notes and recorded messages, and in their ids': [
    onEveryMessage(ascii),
    (desk) => ({
      recordMessages: (input) =>
        desk.recordMessages({
          ...input,
          messages: input.messages.map((one) => ({ ...one, externalId: ascii(one.externalId) })),
        }),
    }),
  ],
  'takes no sign in a note or a recorded message for markup': [
    (desk) => ({ addNote: (input) => desk.addNote({ ...input, body: { ...input.body, format: 'html' } }) }),
    (desk) => ({
      recordMessages: (input) =>
        desk.recordMessages({
          ...input,
          messages: input.messages.map((one) => ({ ...one, body: { ...one.body, format: 'markdown' } })),
        }),
    }),
  ],
  'keeps text of every alphabet in replies': [
    (desk) => ({ reply: (input) => desk.reply({ ...input, body: { ...input.body, format: 'html' } }) }),
    onEveryMessage(ascii),
  ],
  'stores what holds characters that no desk can keep, without them': [
    readThreads(({ title }) => ({ title: title?.replace('\ufffd', '\ud83d') })),
    readThreads(({ title }) => ({ title: title?.replace('onetwo', 'one\u0000two') })),
    (desk) => ({ updateThread: (id, changes) => desk.updateThread(id, { ...changes, title: 'one' }) }),
    onEveryMessage(ascii),
  ],
  'shows a body of any format as its writer saw it': [
    created(({ body }) => ({ body: { ...body, format: 'html' } })),
    created(({ body }) => ({ body: { ...body, format: 'text' } })),
    created(({ body }) => ({ body: { ...body, format: 'markdown' } })),
  ],
  'stores nothing that runs': [
    messages((all) =>
      all.map((one) => ({ ...one, body: { format: 'html', content: '<p onclick="alert(1)">Hi</p>' } })),
    ),
    messages((all) =>
      all.map((one) => ({ ...one, body: { format: 'markdown', content: '[a](javascript:alert(1))' } })),
    ),
  ],
  'keeps a body of 100 kB': created(({ body }) => ({ body: cut(65_535)(body) })),
  'keeps a recorded message of 100 kB': (desk) => ({
    recordMessages: (input) =>
      desk.recordMessages({
        ...input,
        messages: input.messages.map((one) => ({ ...one, body: cut(65_535)(one.body) })),
      }),
  }),
  'keeps 20 000 characters of rich text, whatever pieces the desk needs': [
    created(({ body }) => ({ body: cut(10_000)(body) })),
    // Cut through the middle of whatever stands there.
    created(({ body }) => ({ body: { ...body, content: body.content.replace(/.{5000}/gs, '$&\n\n') } })),
  ],
};
