/** Which agent, label or company of one desk is which of the other. */
import type { Loss } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import type { Side } from '../store/store.ts';
import { otherSide } from './stages.ts';

/** Two ids of the same thing. */
export interface Counterpart {
  readonly from: string;
  readonly to: string;
}

/** What has no counterpart is not written to the mirror, which is a loss. Default: none. */
export interface Counterparts {
  readonly agents?: readonly Counterpart[] | undefined;
  readonly labels?: readonly Counterpart[] | undefined;
  readonly companies?: readonly Counterpart[] | undefined;
}

/** The fields that hold ids of the workspace. */
interface Placed {
  readonly assigneeId?: string | null | undefined;
  readonly labelIds?: readonly string[] | undefined;
  readonly companyId?: string | null | undefined;
}

export interface Translator {
  /** The id on that side; the given one where it has no counterpart or is that side's already. */
  toSide(kind: keyof Counterparts, side: Side, id: string): string;
  /** All ids on that side that go with this one of the other side. */
  counterpartsOf(kind: keyof Counterparts, side: Side, id: string): readonly string[];
  /** The fields with ids of that side, for the desk that answers: unknown ids are left for it to refuse. */
  forPrimary<T extends Placed>(fields: T, side: Side): T;
  /** What a new record gets: the fields with ids of that side, and those that have none there. */
  forMirror<T extends Placed>(fields: T, side: Side): Translated<T>;
  /**
   * What a thread that is there is changed to: its agent and labels go also where
   * the new ones have no counterpart. Its company stays, since Productlane would
   * take it from the contact too.
   */
  changesForMirror<T extends Placed>(changes: T, side: Side): Translated<T>;
}

interface Translated<T> {
  readonly fields: T;
  readonly losses: readonly Loss[];
}

export function createTranslator(counterparts: Counterparts): Translator {
  const pairOf = (kind: keyof Counterparts, id: string) =>
    counterparts[kind]?.find(({ from, to }) => from === id || to === id);
  const toSide: Translator['toSide'] = (kind, side, id) => pairOf(kind, id)?.[side] ?? id;

  /** `absent` stands for an agent without counterpart and for labels of which none has one: nothing to write, or nobody and none. */
  function translate<T extends Placed>(fields: T, side: Side, absent: 'unchanged' | 'cleared'): Translated<T> {
    const losses: Loss[] = [];
    const one = (kind: keyof Counterparts, field: string, id: string | null | undefined) => {
      const theirs = id && pairOf(kind, id)?.[side];
      if (id && theirs === undefined) losses.push({ field, how: 'dropped', reason: 'no counterpart is given for it' });
      return theirs || (id === null ? null : undefined);
    };
    const assigneeId = one('agents', 'assigneeId', fields.assigneeId);
    const companyId = one('companies', 'companyId', fields.companyId);
    const known = fields.labelIds?.flatMap((id, index) => one('labels', `labelIds.${index}`, id) ?? []);
    const { assigneeId: _a, companyId: _c, labelIds: _l, ...others } = fields;
    const isCleared = absent === 'cleared';
    const placed = given({
      assigneeId: fields.assigneeId && isCleared ? (assigneeId ?? null) : assigneeId,
      companyId,
      labelIds: known?.length || fields.labelIds?.length === 0 || isCleared ? known : undefined,
    });
    return { fields: { ...others, ...placed } as typeof fields, losses };
  }

  return {
    toSide,
    counterpartsOf: (kind, side, id) =>
      (counterparts[kind] ?? []).filter((pair) => pair[otherSide(side)] === id).map((pair) => pair[side]),
    forPrimary(fields, side) {
      const one = (kind: keyof Counterparts, id: string | null | undefined) => (id ? toSide(kind, side, id) : id);
      return {
        ...fields,
        ...given({
          assigneeId: one('agents', fields.assigneeId),
          labelIds: fields.labelIds?.map((id) => toSide('labels', side, id)),
          companyId: one('companies', fields.companyId),
        }),
      };
    },
    forMirror: (fields, side) => translate(fields, side, 'unchanged'),
    changesForMirror: (changes, side) => translate(changes, side, 'cleared'),
  };
}
