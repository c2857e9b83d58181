/** What a worker has done since it was last told, in one line. */
import pc from 'picocolors';
import type { Bridge } from '../bridge/interface.ts';
import { HelpdeskError } from '../core/errors.ts';
import type { Failure } from '../store/store.ts';
import { counted, tellTime } from './operations.ts';

export interface Activity {
  /** Prints nothing where nothing has happened. */
  tell(): Promise<void>;
}

const shownFailures = 3;
/** The store is looked at once in so many times even where nothing has happened. */
const quietTimes = 15;

/** `json`: as one line of JSON. */
export function createActivity(bridge: Bridge, json: boolean): Activity {
  let counts = none();
  let failures = new Map<string, number>();
  let quiet = 0;
  const failed = ({ message }: Pick<Failure, 'message'>) => failures.set(message, (failures.get(message) ?? 0) + 1);

  bridge.on('mirrored', () => counts.mirrored++);
  bridge.on('settled', () => counts.settled++);
  bridge.on('retried', ({ failure }) => {
    counts.retried++;
    failed(failure);
  });
  bridge.on('dead', ({ failure }) => {
    counts.dead++;
    failed(failure);
  });
  bridge.on('trouble', ({ failure }) => failed(failure));

  return {
    async tell() {
      const happened = failures.size > 0 || Object.values(counts).some((count) => count > 0);
      if (!happened && ++quiet < quietTimes) return;
      quiet = 0;
      const waiting = await bridge.figures().catch((error: unknown) => {
        if (!HelpdeskError.is(error)) throw error;
        failed(error);
        return undefined;
      });
      if (!happened && failures.size === 0) return;
      const told = { counts, failures };
      counts = none();
      failures = new Map();
      const at = new Date().toISOString();
      if (json) {
        const listed = [...told.failures].map(([message, count]) => ({ message, count }));
        console.log(JSON.stringify({ at, ...told.counts, failures: listed, waiting }));
        return;
      }
      const { mirrored, settled, retried, dead } = told.counts;
      const done = `${mirrored} mirrored, ${settled} settled, ${retried} to try again, ${dead} dead`;
      const left = waiting && `; ${waiting.queued + waiting.pending} waiting, lag ${tellTime(waiting.lagMs)}`;
      console.log(`${at}  ${done}${left ?? ''}`);
      const messages = [...told.failures.keys()];
      for (const message of messages.slice(0, shownFailures)) console.log(`  ${pc.yellow('!')} ${message}`);
      if (messages.length > shownFailures)
        console.log(`  … and ${counted(messages.length - shownFailures, 'other failure')}`);
    },
  };
}

function none() {
  return { mirrored: 0, settled: 0, retried: 0, dead: 0 };
}
