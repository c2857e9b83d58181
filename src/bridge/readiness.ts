/** Whether the next stage is safe, what is missing, and what happens where a flag does not wait for that. */
import { HelpdeskError } from '../core/errors.ts';
import { isRecord } from '../core/plain-data.ts';
import { unsupported } from '../core/validate.ts';
import type { Side } from '../store/store.ts';
import { type Setup, toFailure } from './setup.ts';
import { isFurther, isStore, keptStage, type StageSource } from './stage-source.ts';
import { otherSide, ruleOf, type Stage, stages, toStage } from './stages.ts';

/** What a step to the next stage asks for. */
export interface ReadinessLimits {
  /** Milliseconds the oldest waiting write may have waited. Default: 60 000. */
  readonly lagMs?: number | undefined;
  /** Compared reads there must be before the desks change places. Default: 100. */
  readonly samples?: number | undefined;
  /** The share of them that may differ. Default: 0.01. */
  readonly mismatches?: number | undefined;
  /** Milliseconds since the last `verify`. Default: 604 800 000, a week. */
  readonly verifiedMs?: number | undefined;
}

export interface Readiness {
  readonly stage: Stage;
  /** `undefined` at the last stage. */
  readonly next: Stage | undefined;
  readonly ready: boolean;
  /** Sentences about what must be seen to first. Empty where ready. */
  readonly missing: readonly string[];
}

export interface ReadinessGate {
  report(current: Stage): Promise<Readiness>;
  /** The stage that a call gets, where it asks for this one. */
  allowed(wanted: Stage, context: unknown): Promise<Stage>;
  move(direction: 'promote' | 'demote'): Promise<Stage>;
}

/** Milliseconds for which a report is good enough to hold or follow a flag. */
const reportMs = 10_000;

export function createReadiness(
  setup: Pick<Setup, 'store' | 'now' | 'events'>,
  source: StageSource,
  whenUnready: 'follow' | 'hold',
  limits: ReadinessLimits = {},
): ReadinessGate {
  const { store, now, events } = setup;
  const lagMs = limits.lagMs ?? 60_000;
  const samples = limits.samples ?? 100;
  const mismatches = limits.mismatches ?? 0.01;
  const verifiedMs = limits.verifiedMs ?? 604_800_000;
  /** The furthest stage that was followed; kept in the store, so that a restart forgets nothing. */
  let followed: Stage | undefined;
  let taken = false;
  let told: { readonly wanted: Stage; readonly at: number; readonly missing: readonly string[] } | undefined;

  async function missingFor(current: Stage, wanted: Stage): Promise<readonly string[]> {
    const missing: string[] = [];
    const { queued, pending, dead, unclear, oldestAt } = await store.figures();
    const lag = oldestAt === undefined ? 0 : now() - oldestAt;
    const changesPlaces = ruleOf[current].primary !== ruleOf[wanted].primary;
    if (ruleOf[wanted].mirrored && isFurther(wanted, current) && !store.durable)
      missing.push('the store is in memory: a crash would lose writes');
    // The other desk has been left alone, and nobody is sent there: nothing to prove.
    if (!ruleOf[current].mirrored && !changesPlaces) return missing;
    if (dead > 0) missing.push(`${dead} dead letters: retry or drop them`);
    if (unclear > 0) missing.push(`${unclear} writes of which only a person can tell whether they happened`);
    if (lag > lagMs)
      missing.push(
        `the mirror is ${Math.round(lag / 1000)} s behind, at most ${Math.round(lagMs / 1000)} s are allowed`,
      );
    if (!ruleOf[wanted].mirrored) {
      if (queued + pending > 0) missing.push(`${queued + pending} writes are still waiting`);
      const left = await leftOn(otherSide(ruleOf[wanted].primary));
      if (left > 0) missing.push(`${left} linked threads are only on the desk that ${wanted} does not ask any more`);
    }
    if (changesPlaces && isFurther(wanted, current)) missing.push(...(await unproved()));
    if (changesPlaces && !isFurther(wanted, current) && queued + pending > 0) {
      missing.push(`${queued + pending} writes have not reached the desk that is to answer`);
    }
    return missing;
  }

  async function lastVerify(): Promise<unknown> {
    return JSON.parse((await store.getSetting('verified')) ?? 'null');
  }

  /** How many threads only that desk has, as far as the last verify knows. */
  async function leftOn(side: Side): Promise<number> {
    const verified = await lastVerify();
    const onlyOn = isRecord(verified) ? verified['onlyOn'] : undefined;
    return isRecord(onlyOn) ? Number(onlyOn[side] ?? 0) : 0;
  }

  async function unproved(): Promise<readonly string[]> {
    const missing: string[] = [];
    const seen = await store.listComparisons(1000);
    const differing = seen.filter(({ fields }) => fields.length > 0).length;
    if (seen.length < samples) missing.push(`${seen.length} reads were compared, ${samples} are needed`);
    if (seen.length > 0 && differing / seen.length > mismatches) {
      missing.push(`${differing} of ${seen.length} compared reads differ, at most ${mismatches * 100} % may`);
    }
    const verified = await lastVerify();
    if (!isRecord(verified) || typeof verified['at'] !== 'number') missing.push('verify was never run');
    else if (now() - verified['at'] > verifiedMs) missing.push('the last verify is too old');
    else if (verified['whole'] !== true) missing.push('the last verify was of a part only');
    else if (verified['different'] !== 0)
      missing.push(`the last verify found ${String(verified['different'])} threads that differ`);
    return missing;
  }

  /** The call that asked for it has not been tried yet: it is not the one to fail of this. */
  async function remember(stage: Stage | ''): Promise<void> {
    await store.setSetting('followed', stage).catch((error: unknown) => {
      events.emit('trouble', { task: 'stage', failure: toFailure(error) });
    });
  }

  /** From here on the store decides: first on the stage at which an application left it. */
  async function takeOver(): Promise<void> {
    if (taken) return;
    if (await store.getSetting('followed')) {
      if ((await store.getSetting('stage')) === undefined) await store.setSetting('stage', await keptStage(store));
      await remember('');
    }
    taken = true;
  }

  async function gated(wanted: Stage, current: Stage, held: boolean): Promise<readonly string[]> {
    if (told?.wanted === wanted && now() - told.at < reportMs) return told.missing;
    const missing = await missingFor(current, wanted);
    told = { wanted, at: now(), missing };
    if (missing.length > 0) events.emit('unready', { current, wanted, held, missing });
    return missing;
  }

  return {
    async report(current) {
      const next = stages[stages.indexOf(current) + 1];
      const missing = next ? await missingFor(current, next) : [];
      return { stage: current, next, ready: next !== undefined && missing.length === 0, missing };
    },

    async allowed(wanted, context) {
      if (isStore(source)) {
        await takeOver();
        return wanted;
      }
      if (wanted === followed) return wanted;
      if (followed === undefined) {
        const kept = await store.getSetting('followed');
        // Earlier versions kept it as if the store had decided.
        const before = kept || (await store.getSetting('stage'));
        followed = before === undefined ? wanted : toStage(before);
        if (!kept) await remember(followed);
        if (wanted === followed) return wanted;
      }
      const before: Stage = followed;
      const further = isFurther(wanted, before);
      // Some tenants are further than others: theirs is the stage to remember.
      if (!further && context !== undefined) return wanted;
      if (further) {
        const held = whenUnready === 'hold';
        if ((await gated(wanted, before, held)).length > 0 && held) return before;
      } else if (ruleOf[wanted].primary !== ruleOf[before].primary) {
        // The desk that is gone back to may lack something. It may also be the only one that answers.
        await gated(wanted, before, false);
      }
      followed = wanted;
      await remember(wanted);
      return wanted;
    },

    async move(direction) {
      const where = { provider: 'helpdesk-bridge', operation: direction } as const;
      if (!isStore(source))
        throw unsupported(where, 'the stage is not kept in the store: change it where it comes from');
      const stored = await source.getSetting('stage');
      const current = toStage(stored ?? 'off');
      const wanted = stages[stages.indexOf(current) + (direction === 'promote' ? 1 : -1)];
      if (!wanted)
        throw unsupported(where, `there is no stage ${direction === 'promote' ? 'after' : 'before'} ${current}`);
      const missing = await missingFor(current, wanted);
      const refused = (reason: string) => new HelpdeskError({ ...where, kind: 'conflict', reason, applied: 'no' });
      if (missing.length > 0) throw refused(`not ready for ${wanted}: ${missing.join('; ')}`);
      if (!(await source.setSetting('stage', wanted, stored))) throw refused('somebody else has moved the stage');
      return wanted;
    },
  };
}
