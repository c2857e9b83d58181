/** Which column is which field. */
import type { Insertable, Selectable } from 'kysely';
import { fromJson, toJson } from '../json.ts';
import type { Comparison, Failure, Intent, Link, Operation } from '../store.ts';
import type { ComparisonsTable, LinksTable, OperationsTable } from './schema.ts';

export function toOperation(row: Selectable<OperationsTable>): Operation {
  return {
    id: row.id,
    sequence: Number(row.seq),
    lane: row.lane,
    key: row.key ?? undefined,
    fingerprint: row.fingerprint,
    method: row.method,
    input: fromJson(row.input),
    primary: row.primary_side,
    // A caller's own PostgreSQL client gives large numbers as text, and `pg` any number as what the application wants.
    mirrored: Number(row.mirrored) === 1,
    createdAt: Number(row.created_at),
    position: Number(row.position),
    begun: Number(row.begun) === 1,
    state: row.state,
    mirror: row.mirror,
    dueAt: Number(row.due_at),
    sentAt: toTime(row.sent_at),
    mirrorSentAt: toTime(row.mirror_sent_at),
    sought: row.sought === null ? undefined : fromJson(row.sought),
    attempts: Number(row.attempts),
    failingSince: toTime(row.failing_since),
    doneAt: toTime(row.done_at),
    result: row.result === null ? undefined : fromJson(row.result),
    losses: fromJson(row.losses) as Operation['losses'],
    mirrorLosses: fromJson(row.mirror_losses) as Operation['losses'],
    messageId: row.message_id ?? undefined,
    failure: row.failure === null ? undefined : toFailure(row.failure),
  };
}

function toTime(value: number | null): number | undefined {
  return value === null ? undefined : Number(value);
}

function toFailure(json: string): Failure {
  const failure = fromJson(json) as Failure;
  return { ...failure, requestId: failure.requestId };
}

export function fromIntent(
  intent: Intent,
  place: Pick<OperationsTable, 'position' | 'begun' | 'due_at'>,
): Insertable<OperationsTable> {
  return {
    id: intent.id,
    lane: intent.lane,
    key: intent.key ?? null,
    fingerprint: intent.fingerprint,
    method: intent.method,
    input: toJson(intent.input),
    primary_side: intent.primary,
    mirrored: intent.mirrored ? 1 : 0,
    created_at: intent.createdAt,
    state: 'pending',
    mirror: 'none',
    attempts: 0,
    losses: '[]',
    mirror_losses: '[]',
    ...place,
  };
}

export function toLink(row: Selectable<LinksTable>): Link {
  return {
    kind: row.kind,
    lane: row.lane,
    from: row.from_id ?? undefined,
    to: row.to_id ?? undefined,
    externalId: row.external_id ?? undefined,
    ...(Number(row.deleted) === 1 && { deleted: true }),
  };
}

export function fromLink(link: Link): Insertable<LinksTable> {
  return {
    kind: link.kind,
    lane: link.lane,
    from_id: link.from ?? null,
    to_id: link.to ?? null,
    external_id: link.externalId ?? null,
    deleted: link.deleted ? 1 : 0,
  };
}

export function toComparison(row: Selectable<ComparisonsTable>): Comparison {
  return {
    at: Number(row.at),
    operation: row.operation,
    id: row.record_id,
    fields: fromJson(row.fields) as Comparison['fields'],
  };
}
