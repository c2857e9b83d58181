/** The stage as a flag of OpenFeature: which word it says, and what happens where it cannot say one. */
import type { Client, EvaluationContext } from '@openfeature/server-sdk';
import { isRecord } from '../core/plain-data.ts';
import { invalid } from '../core/validate.ts';
import { type Stage, toStage } from './stages.ts';

export interface OpenFeatureStageOptions {
  /**
   * Before the flag has said anything: its provider is not ready, or there is no
   * such flag. Also where the flag is switched off.
   */
  readonly default: Stage;
  /**
   * What the flag is told of a call's `context`. Default: an object as it is, a
   * text or number as `targetingKey`; anything else is `invalid`.
   */
  readonly context?: ((given: unknown) => EvaluationContext) | undefined;
}

/** Targeting keys whose last stage is kept. */
const rememberedKeys = 10_000;

/**
 * Gives the function that `createBridge({ stage })` takes. The flag's value is a
 * text, one of the stages.
 *
 * A provider that fails after the flag has spoken changes nothing: the stage
 * stays what it was for the same targeting key. So an outage of the flag
 * service never sends writes to the other desk. A word that is no stage is
 * `invalid`, and the call ends before anything is sent.
 */
export function openFeatureStage(
  client: Pick<Client, 'getStringDetails'>,
  flagKey: string,
  options: OpenFeatureStageOptions,
): (context: unknown) => Promise<Stage> {
  const fallback = toStage(options.default);
  const toContext = options.context ?? asContext;
  const last = new Map<string | undefined, Stage>();

  return async (given) => {
    const context = toContext(given);
    const key = context.targetingKey;
    const { value, errorCode } = await client.getStringDetails(flagKey, fallback, context);
    if (errorCode !== undefined) return last.get(key) ?? fallback;
    const stage = toStage(value);
    // The last one in is the newest, so the first is the one to forget.
    last.delete(key);
    last.set(key, stage);
    if (last.size > rememberedKeys) last.delete(last.keys().next().value);
    return stage;
  };
}

function asContext(given: unknown): EvaluationContext {
  if (given === undefined || given === null) return {};
  if (typeof given === 'string' || typeof given === 'number') return { targetingKey: String(given) };
  if (isRecord(given)) return given as EvaluationContext;
  const message = 'must be an object, a text or a number, unless openFeatureStage is told how to read it';
  throw invalid({ provider: 'helpdesk-bridge', operation: 'stage' }, [{ path: 'context', message }]);
}
