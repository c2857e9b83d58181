import { describe, expect, it } from 'vitest';
import { plainWorld } from './plain-world.ts';

async function started(options: Parameters<typeof plainWorld>[0] = {}) {
  const world = plainWorld(options);
  const customerId = await world.addCustomer();
  const create = (input: object, selection = 'thread { id }') =>
    world.mutate('createThread', { customerIdentifier: { customerId }, title: 'A title', ...input }, selection);
  const refused = (input: object) =>
    world.refusal('createThread', { customerIdentifier: { customerId }, title: 'A title', ...input });
  return { ...world, customerId, create, refused };
}

describe('a component', () => {
  const text = { componentText: { text: 'x' } };

  it('of each kind comes back as it was given', async () => {
    const { create, emulator } = await started();
    const { userId, machineUserId } = emulator;
    const leaves = [
      { componentText: { text: 'T' } },
      { componentPlainText: { plainText: 'P' } },
      { componentLinkButton: { linkButtonLabel: 'L', linkButtonUrl: 'https://x.io' } },
      { componentLinkButton: { label: 'Old', url: 'https://old.io' } },
      { componentBadge: { badgeLabel: 'B', badgeColor: 'RED' } },
      { componentCopyButton: { copyButtonValue: 'C' } },
      { componentSpacer: { spacerSize: 'M' } },
      { componentDivider: {} },
      { componentWorkflowButton: { workflowButtonLabel: 'W', workflowButtonWorkflowIdentifier: { workflowKey: 'k' } } },
      { componentDateTime: { dateTimeIso8601: '2020-01-02T03:04:05Z' } },
      { componentUser: { userIdentifier: { userId } } },
      { componentUser: { userIdentifier: { machineUserId } } },
    ];
    const row = { componentRow: { rowMainContent: [text], rowAsideContent: [text] } };
    const { thread } = await create(
      { components: [...leaves, row, { componentContainer: { containerContent: [text, row] } }] },
      `thread { timelineEntries { edges { node { entry { ... on CustomEntry { components {
        __typename
        ... on ComponentText { text } ... on ComponentPlainText { plainText }
        ... on ComponentLinkButton { linkButtonLabel linkButtonUrl } ... on ComponentBadge { badgeLabel }
        ... on ComponentCopyButton { copyButtonValue copyButtonTooltipLabel } ... on ComponentSpacer { spacerSize }
        ... on ComponentDivider { dividerSpacingSize } ... on ComponentWorkflowButton { workflowButtonLabel }
        ... on ComponentDateTime { dateTimeIso8601 { iso8601 } }
        ... on ComponentUser { user { id } userMachineUser { id } }
        ... on ComponentRow { rowMainContent { ... on ComponentText { text } } rowAsideContent { __typename } }
        ... on ComponentContainer { containerContent { __typename } }
      } } } } } } }`,
    );
    expect(thread.timelineEntries.edges[0].node.entry.components).toEqual([
      { __typename: 'ComponentText', text: 'T' },
      { __typename: 'ComponentPlainText', plainText: 'P' },
      { __typename: 'ComponentLinkButton', linkButtonLabel: 'L', linkButtonUrl: 'https://x.io' },
      { __typename: 'ComponentLinkButton', linkButtonLabel: 'Old', linkButtonUrl: 'https://old.io' },
      { __typename: 'ComponentBadge', badgeLabel: 'B' },
      { __typename: 'ComponentCopyButton', copyButtonValue: 'C', copyButtonTooltipLabel: null },
      { __typename: 'ComponentSpacer', spacerSize: 'M' },
      { __typename: 'ComponentDivider', dividerSpacingSize: 'S' },
      { __typename: 'ComponentWorkflowButton', workflowButtonLabel: 'W' },
      { __typename: 'ComponentDateTime', dateTimeIso8601: { iso8601: '2020-01-02T03:04:05.000Z' } },
      { __typename: 'ComponentUser', user: { id: userId }, userMachineUser: null },
      { __typename: 'ComponentUser', user: null, userMachineUser: { id: machineUserId } },
      {
        __typename: 'ComponentRow',
        rowMainContent: [{ text: 'x' }],
        rowAsideContent: [{ __typename: 'ComponentText' }],
      },
      {
        __typename: 'ComponentContainer',
        containerContent: [{ __typename: 'ComponentText' }, { __typename: 'ComponentRow' }],
      },
    ]);
  });

  it.each([
    [{}, 'components.0'],
    [{ ...text, componentBadge: { badgeLabel: 'B' } }, 'components.0'],
    [{ componentText: { text: '' } }, 'components.0.componentText.text'],
    [{ componentText: { text: 'x'.repeat(10_001) } }, 'components.0.componentText.text'],
    [{ componentPlainText: { plainText: 'x'.repeat(10_001) } }, 'components.0.componentPlainText.plainText'],
    [
      { componentLinkButton: { linkButtonLabel: 'L', linkButtonUrl: 'no url' } },
      'components.0.componentLinkButton.linkButtonUrl',
    ],
    [
      { componentLinkButton: { linkButtonLabel: 'x'.repeat(501), linkButtonUrl: 'https://x.io' } },
      'components.0.componentLinkButton.linkButtonLabel',
    ],
    [{ componentBadge: { badgeLabel: 'x'.repeat(501) } }, 'components.0.componentBadge.badgeLabel'],
    [
      { componentCopyButton: { copyButtonValue: 'x'.repeat(1001) } },
      'components.0.componentCopyButton.copyButtonValue',
    ],
    [
      { componentCopyButton: { copyButtonValue: 'x', copyButtonTooltipLabel: 'x'.repeat(501) } },
      'components.0.componentCopyButton.copyButtonTooltipLabel',
    ],
    [{ componentSpacer: {} }, 'components.0.componentSpacer.spacerSize'],
    [
      { componentWorkflowButton: { workflowButtonLabel: 'W', workflowButtonWorkflowIdentifier: {} } },
      'components.0.componentWorkflowButton.workflowButtonWorkflowIdentifier',
    ],
    [{ componentDateTime: { dateTimeIso8601: 'tomorrow' } }, 'components.0.componentDateTime.dateTimeIso8601'],
    [{ componentUser: { userIdentifier: {} } }, 'components.0.componentUser.userIdentifier'],
    [{ componentUser: { userIdentifier: { emailAddress: 'no@one' } } }, 'components.0.componentUser.userIdentifier'],
    [{ componentRow: { rowMainContent: [], rowAsideContent: [text] } }, 'components.0.componentRow.rowMainContent'],
    [{ componentContainer: { containerContent: [] } }, 'components.0.componentContainer.containerContent'],
    [
      { componentContainer: { containerContent: [{ componentText: { text: '' } }] } },
      'components.0.componentContainer.containerContent.0.componentText.text',
    ],
  ])('is refused as %j', async (component, field) => {
    const { refused } = await started();
    expect((await refused({ components: [component] })).fields[0]?.field).toBe(field);
  });

  it('may have 10000 characters', async () => {
    const { create } = await started();
    const payload = await create({ components: [{ componentText: { text: 'x'.repeat(10_000) } }] });
    expect(payload.error).toBeNull();
  });

  it.each([
    [{ componentRow: { rowMainContent: [{ componentRow: {} }], rowAsideContent: [] } }],
    [{ componentRow: { rowMainContent: [{ componentContainer: {} }], rowAsideContent: [] } }],
    [{ componentContainer: { containerContent: [{ componentContainer: {} }] } }],
  ])('cannot nest as %j', async (component) => {
    const { ask, customerId } = await started();
    const { status } = await ask(
      'mutation M($input: CreateThreadInput!) { createThread(input: $input) { error { code } } }',
      { input: { customerIdentifier: { customerId }, components: [component] } },
    );
    expect(status).toBe(400);
  });

  it('that is a row with nothing aside is refused, or taken', async () => {
    const components = [{ componentRow: { rowMainContent: [text], rowAsideContent: [] } }];
    const strict = await started();
    expect((await strict.refused({ components })).fields[0]?.field).toBe('components.0.componentRow.rowAsideContent');
    const loose = await started({ emptyRowAside: 'accepted' });
    expect((await loose.create({ components })).error).toBeNull();
  });
});

describe('an attachment', () => {
  async function withFile(file: object = {}, options = {}) {
    const world = await started(options);
    const { id } = world.emulator.setup.addAttachment({
      customerId: world.customerId,
      type: 'CUSTOM_TIMELINE_ENTRY',
      ...file,
    });
    return { ...world, id };
  }

  it('comes back with its name, type and size', async () => {
    const { create, id } = await withFile();
    const { thread } = await create(
      { attachmentIds: [id] },
      `thread { timelineEntries { edges { node { entry { ... on CustomEntry {
        attachments { id fileName fileMimeType fileExtension fileSize { bytes } } } } } } } }`,
    );
    expect(thread.timelineEntries.edges[0].node.entry.attachments).toEqual([
      { id, fileName: 'image.png', fileMimeType: 'image/png', fileExtension: 'png', fileSize: { bytes: 1000 } },
    ]);
  });

  it.each([
    [{ isUploaded: false }, 'attachment_not_uploaded'],
    [{ fileName: 'virus.EXE' }, 'attachment_file_type_not_allowed'],
    [{ bytes: 6_000_001 }, 'attachment_file_size_too_large'],
    [{ type: 'NOTE' }, 'input_validation'],
  ])('%j is refused with %s', async (file, code) => {
    const { refused, id } = await withFile(file);
    expect((await refused({ attachmentIds: [id] })).code).toBe(code);
  });

  it('is one of at most 100', async () => {
    const { refused, create, id } = await withFile();
    expect((await create({ attachmentIds: Array(100).fill(id) })).error).toBeNull();
    expect((await refused({ attachmentIds: Array(101).fill(id) })).code).toBe('input_validation');
  });
});
