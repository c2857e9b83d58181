/** The text of docs/mapping.md, printed from the tables that the adapters work with. */
import { markdownTable } from 'markdown-table';
import { modelFields } from '../src/core/fields.ts';
import { kindOfExtension, fieldOf as plainFieldOf, kindOfCode as plainKinds } from '../src/providers/plain/failure.ts';
import { plainFields } from '../src/providers/plain/fields.ts';
import { plainTraits } from '../src/providers/plain/index.ts';
import {
  fieldTypeWord,
  channelOf as plainChannels,
  priorityNumber,
  statusWord,
} from '../src/providers/plain/mapping.ts';
import { entryTypes } from '../src/providers/plain/timeline.ts';
import { fieldOf as productlaneFieldOf, kindOfCode as productlaneKinds } from '../src/providers/productlane/failure.ts';
import { productlaneFields } from '../src/providers/productlane/fields.ts';
import { productlaneTraits } from '../src/providers/productlane/index.ts';
import { painOf, priorityOf, channelOf as productlaneChannels } from '../src/providers/productlane/mapping.ts';
import { messageChannelOf } from '../src/providers/productlane/messages.ts';

const code = (word: unknown) => `\`${String(word)}\``;
const rows = (table: Readonly<Record<string, unknown>>) =>
  Object.entries(table).map(([from, to]) => [code(from), code(to)]);
const words = (title: string, head: string[], body: string[][]) => `### ${title}\n\n${markdownTable([head, ...body])}`;

/** Both desks' keys of one table side by side, by our word. */
function byOurWord(first: Readonly<Record<string, string>>, second: Readonly<Record<string, string>>): string[][] {
  const theirs = (table: Readonly<Record<string, string>>, ours: string) =>
    Object.keys(table)
      .filter((key) => table[key] === ours)
      .map(code)
      .join(', ');
  const ours = [...new Set([...Object.values(first), ...Object.values(second)])].sort();
  return ours.map((word) => [code(word), theirs(first, word), theirs(second, word)]);
}

/** The README's table: one word for each field. */
export function readmeTable(): string {
  return markdownTable([
    ['Field', 'Productlane', 'Plain'],
    ...modelFields.map((field) => [field, productlaneFields[field].how, plainFields[field].how]),
  ]);
}

export function mappingPage(): string {
  const entries = Object.entries(entryTypes);
  const traits = Object.keys(plainTraits) as (keyof typeof plainTraits)[];
  return [
    '# Mapping',
    'What becomes of each field on each desk. This page is printed from the tables in `src/providers`, and a test holds every line of the first one against the emulated desks. After a change, `npx vitest run test/docs -u` prints it anew.',
    '## Fields',
    'What is `changed` or `dropped` is reported as a loss with the result of the write.',
    markdownTable([
      ['Field', 'Productlane', 'Plain'],
      ...modelFields.map((field) => [
        field,
        ...[productlaneFields[field], plainFields[field]].map(({ how, as }) => `**${how}**: ${as}`),
      ]),
    ]),
    '## Traits',
    markdownTable([
      ['Trait', 'Productlane', 'Plain'],
      ...traits.map((trait) => [code(trait), ...[productlaneTraits, plainTraits].map((of) => code(of[trait]))]),
    ]),
    '## Words',
    'Records keep the desk’s own word beside ours, as `raw`. A word this version does not know is read as the default in bold.',
    words(
      'Priority',
      ['Ours', 'Productlane takes', 'Plain takes'],
      Object.keys(painOf).map((word) => [
        code(word),
        code(painOf[word as keyof typeof painOf]),
        code(priorityNumber[word as keyof typeof priorityNumber]),
      ]),
    ),
    words(
      'Priority, read from Productlane',
      ['Productlane', 'Ours'],
      [...rows(priorityOf), ['any other', '**normal**']],
    ),
    words(
      'Status',
      ['Ours', 'Productlane', 'Plain'],
      [
        ...Object.entries(statusWord).map(([ours, plain]) => [code(ours), code(ours), code(plain)]),
        ['**open**', 'any other', 'any other'],
      ],
    ),
    words(
      'Channel of a thread',
      ['Ours', 'Productlane', 'Plain'],
      [...byOurWord(productlaneChannels, plainChannels), ['**other**', 'any other', 'any other']],
    ),
    words('Channel of a message on Productlane', ['Productlane', 'Ours'], rows(messageChannelOf)),
    words('Custom fields', ['Ours', 'Plain'], rows(fieldTypeWord)),
    '## Messages on Plain',
    'Direction comes from who wrote the entry: the contact is `inbound`, a person, machine user or Plain itself is `outbound`, and a note is a `note` whoever wrote it. One exception: the opening message of `createThread` is `inbound`, although its actor is the key’s machine user, because it holds the contact’s words. Of an e-mail the newest part is read; the quoted history below it is the earlier messages of the thread.',
    `Read as messages: ${entries
      .filter(([, message]) => message === true)
      .map(([type]) => code(type))
      .join(', ')}.`,
    markdownTable([
      ['Skipped', 'Because'],
      ...entries.filter(([, message]) => message !== true).map(([type, why]) => [code(type), String(why)]),
    ]),
    '## Messages on Productlane',
    "Messages of the thread and its internal comments, merged by time. The first message is the one that Productlane makes out of the thread’s own text. Where an answer leaves `direction` out, a `user_id` makes it `outbound`. Imported messages stand in the thread’s own text. Those that are recorded later are internal comments, or with `records: 'transcript'` the end of that text, and then `recordsMessages` is `in-transcript`; notes are comments in any case.",
    '## Errors',
    words('Codes of Productlane', ['Code', 'Kind'], rows(productlaneKinds)),
    words(
      'Codes of a refused mutation on Plain',
      ['Code', 'Kind'],
      [...rows(plainKinds), ['any other', '`invalid`, `auth` or `unavailable`, by `type`']],
    ),
    words('Codes of a GraphQL error on Plain', ['Code', 'Kind'], rows(kindOfExtension)),
    words('Fields named by Productlane', ['Theirs', 'Ours'], rows(productlaneFieldOf)),
    words('Fields named by Plain', ['Theirs', 'Ours'], rows(plainFieldOf)),
    '',
  ]
    .join('\n\n')
    .trimEnd()
    .concat('\n');
}
