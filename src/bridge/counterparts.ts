/** Which agent, label or company of one desk is which of the other. */
import type { Loss } from '../core/model.ts';
import { given } from '../core/plain-data.ts';
import type { Side } from '../store/store.ts';

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
  /** The fields with ids of that side, for the desk that answers: unknown ids are left for it to refuse. */
  forPrimary<T extends Placed>(fields: T, side: Side): T;
  /** The fields with ids of that side, and those that have none there. */
  forMirror<T extends Placed>(fields: T, side: Side): { readonly fields: T; readonly losses: readonly Loss[] };
}

export function createTranslator(counterparts: Counterparts): Translator {
  const pairOf = (kind: keyof Counterparts, id: string) =>
    counterparts[kind]?.find(({ from, to }) => from === id || to === id);
  const toSide: Translator['toSide'] = (kind, side, id) => pairOf(kind, id)?.[side] ?? id;

  return {
    toSide,
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
    forMirror(fields, side) {
      const losses: Loss[] = [];
      const lose = (field: string) => {
        losses.push({ field, how: 'dropped', reason: 'no counterpart is given for it' });
        return undefined;
      };
      const one = (kind: keyof Counterparts, field: string, id: string | null | undefined) =>
        id ? (pairOf(kind, id)?.[side] ?? lose(field)) : id;
      const assigneeId = one('agents', 'assigneeId', fields.assigneeId);
      const companyId = one('companies', 'companyId', fields.companyId);
      const known = fields.labelIds?.map((id, index) => one('labels', `labelIds.${index}`, id));
      const labelIds = known?.filter((id) => typeof id === 'string');
      const { assigneeId: _a, companyId: _c, labelIds: _l, ...others } = fields;
      // No label left of some is nothing to write; an empty list given is the wish to have none.
      const labels = labelIds && (labelIds.length > 0 || fields.labelIds?.length === 0) ? labelIds : undefined;
      return { fields: { ...others, ...given({ assigneeId, companyId, labelIds: labels }) } as typeof fields, losses };
    },
  };
}
