/** Which UI components a message may be made of, and the text that is in them. */

import { invalid, notFound } from './errors.ts';
import { checkLength, exactlyOne, toInstant } from './input.ts';
import { dateTime, machineUserView, userView, type View } from './views.ts';
import type {
  ComponentContainerContentInput,
  ComponentInput,
  ComponentRowContentInput,
  UserIdentifierInput,
} from './wire.ts';
import type { World } from './world.ts';

/** A component in the fields of its output type, times and users as ids. */
export type StoredComponent =
  | { readonly is: 'Text'; readonly text: string }
  | { readonly is: 'PlainText'; readonly plainText: string }
  | { readonly is: 'LinkButton'; readonly linkButtonLabel: string; readonly linkButtonUrl: string }
  | { readonly is: 'Badge'; readonly badgeLabel: string }
  | { readonly is: 'CopyButton'; readonly copyButtonValue: string; readonly copyButtonTooltipLabel: string | null }
  | { readonly is: 'Spacer'; readonly spacerSize: string }
  | { readonly is: 'Divider'; readonly dividerSpacingSize: string }
  | { readonly is: 'WorkflowButton'; readonly workflowButtonLabel: string }
  | { readonly is: 'DateTime'; readonly at: string }
  | { readonly is: 'User'; readonly userId: string | null; readonly machineUserId: string | null }
  | { readonly is: 'Row'; readonly main: readonly StoredComponent[]; readonly aside: readonly StoredComponent[] }
  | { readonly is: 'Container'; readonly content: readonly StoredComponent[] };

const longestText = 10_000;
const longestLabel = 500;
const longestCopied = 1000;

/** Throws `input_validation` with the path of the component that is wrong, for example `components.0.componentText.text`. */
export function toComponents(world: World, inputs: readonly ComponentInput[]): StoredComponent[] {
  return inputs.map((input, index) => toComponent(world, input, `components.${index}`));
}

type AnyInput = ComponentInput & ComponentContainerContentInput & ComponentRowContentInput;

function toComponent(world: World, input: AnyInput, path: string): StoredComponent {
  const set = Object.entries(input).filter(([, value]) => value !== undefined && value !== null);
  const [only] = set;
  if (!only || set.length !== 1) throw invalid(path, 'Exactly one component is needed.');
  const at = `${path}.${only[0]}`;
  const { componentText, componentPlainText, componentRow, componentContainer } = input;
  if (componentText) {
    checkLength(`${at}.text`, componentText.text, longestText);
    return { is: 'Text', text: componentText.text };
  }
  if (componentPlainText) {
    checkLength(`${at}.plainText`, componentPlainText.plainText, longestText);
    return { is: 'PlainText', plainText: componentPlainText.plainText };
  }
  if (componentRow) {
    const { rowMainContent, rowAsideContent } = componentRow;
    if (rowMainContent.length === 0) throw invalid(`${at}.rowMainContent`, 'Needs at least one component.');
    if (rowAsideContent.length === 0 && world.switches.emptyRowAside === 'refused') {
      throw invalid(`${at}.rowAsideContent`, 'Needs at least one component.');
    }
    return {
      is: 'Row',
      main: rowMainContent.map((inner, index) => toComponent(world, inner, `${at}.rowMainContent.${index}`)),
      aside: rowAsideContent.map((inner, index) => toComponent(world, inner, `${at}.rowAsideContent.${index}`)),
    };
  }
  if (componentContainer) {
    const { containerContent } = componentContainer;
    if (containerContent.length === 0) throw invalid(`${at}.containerContent`, 'Needs at least one component.');
    return {
      is: 'Container',
      content: containerContent.map((inner, index) => toComponent(world, inner, `${at}.containerContent.${index}`)),
    };
  }
  return toLeaf(world, input, at);
}

function toLeaf(world: World, input: ComponentRowContentInput, at: string): StoredComponent {
  const { componentLinkButton, componentBadge, componentCopyButton, componentSpacer, componentDivider } = input;
  const { componentWorkflowButton, componentDateTime, componentUser } = input;
  if (componentLinkButton) {
    const label = componentLinkButton.linkButtonLabel ?? componentLinkButton.label ?? '';
    const url = componentLinkButton.linkButtonUrl ?? componentLinkButton.url ?? '';
    checkLength(`${at}.linkButtonLabel`, label, longestLabel);
    if (!URL.canParse(url)) throw invalid(`${at}.linkButtonUrl`, 'Must be a URL.');
    return { is: 'LinkButton', linkButtonLabel: label, linkButtonUrl: url };
  }
  if (componentBadge) {
    checkLength(`${at}.badgeLabel`, componentBadge.badgeLabel, longestLabel);
    return { is: 'Badge', badgeLabel: componentBadge.badgeLabel };
  }
  if (componentCopyButton) {
    const { copyButtonValue, copyButtonTooltipLabel = null } = componentCopyButton;
    checkLength(`${at}.copyButtonValue`, copyButtonValue, longestCopied);
    checkLength(`${at}.copyButtonTooltipLabel`, copyButtonTooltipLabel ?? '', longestLabel, 0);
    return { is: 'CopyButton', copyButtonValue, copyButtonTooltipLabel };
  }
  if (componentSpacer) {
    const spacerSize = componentSpacer.spacerSize ?? componentSpacer.size;
    if (!spacerSize) throw invalid(`${at}.spacerSize`, 'Is needed.', 'REQUIRED');
    return { is: 'Spacer', spacerSize };
  }
  if (componentDivider) {
    return {
      is: 'Divider',
      dividerSpacingSize: componentDivider.dividerSpacingSize ?? componentDivider.spacingSize ?? 'S',
    };
  }
  if (componentWorkflowButton) {
    const { workflowButtonLabel, workflowButtonWorkflowIdentifier } = componentWorkflowButton;
    checkLength(`${at}.workflowButtonLabel`, workflowButtonLabel, longestLabel);
    const { workflowId, workflowKey } = workflowButtonWorkflowIdentifier;
    exactlyOne(`${at}.workflowButtonWorkflowIdentifier`, { workflowId, workflowKey });
    return { is: 'WorkflowButton', workflowButtonLabel };
  }
  if (componentDateTime) {
    return { is: 'DateTime', at: toInstant(`${at}.dateTimeIso8601`, componentDateTime.dateTimeIso8601) };
  }
  if (componentUser) return toUser(world, componentUser.userIdentifier, `${at}.userIdentifier`);
  throw invalid(at, 'Unknown component.');
}

function toUser(world: World, identifier: UserIdentifierInput, at: string): StoredComponent {
  const { userId, emailAddress, machineUserId } = identifier;
  const { by, value } = exactlyOne(at, { userId, emailAddress, machineUserId });
  const { users, machineUsers } = world.tables;
  if (by === 'machineUserId') {
    if (!machineUsers.has(value)) throw notFound(at, 'Machine user');
    return { is: 'User', userId: null, machineUserId: value };
  }
  const user = by === 'userId' ? users.get(value) : [...users.values()].find(({ email }) => email === value);
  if (!user) throw notFound(at, 'User');
  return { is: 'User', userId: user.id, machineUserId: null };
}

export function componentView(world: World, component: StoredComponent): View {
  const all = (parts: readonly StoredComponent[]): View[] => parts.map((part) => componentView(world, part));
  const __typename = `Component${component.is}`;
  switch (component.is) {
    case 'Row':
      return { __typename, rowMainContent: all(component.main), rowAsideContent: all(component.aside) };
    case 'Container':
      return { __typename, containerContent: all(component.content) };
    case 'DateTime':
      return { __typename, dateTimeIso8601: dateTime(world, component.at) };
    case 'User': {
      const { userId, machineUserId } = component;
      return {
        __typename,
        user: userId && userView(world, userId),
        userMachineUser: machineUserId && machineUserView(world, machineUserId),
      };
    }
    default:
      return { ...component, __typename };
  }
}

/** The texts, one a line; what is no text is left out. */
export function textOf(components: readonly StoredComponent[]): string {
  return components
    .flatMap((component) => {
      switch (component.is) {
        case 'Text':
          return component.text;
        case 'PlainText':
          return component.plainText;
        case 'Row':
          return textOf([...component.main, ...component.aside]);
        case 'Container':
          return textOf(component.content);
        default:
          return [];
      }
    })
    .filter((text) => text !== '')
    .join('\n');
}
