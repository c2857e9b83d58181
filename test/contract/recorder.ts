/** What adapter and desk said to each other during the conformance cases. */
import type { Emulator } from '../../src/emulators/emulator.ts';
import { applies, conformanceCases } from '../../src/testing/index.ts';
import type { Opened, Wiring } from '../worlds.ts';

export interface Spoken {
  readonly method: string;
  readonly url: URL;
  /** Parsed; `undefined` where there was none. */
  readonly body: unknown;
  readonly status: number;
  readonly answer: unknown;
  readonly headers: Headers;
  /** The answer is a fault that a case had ordered. */
  readonly faulty: boolean;
}

/** Runs every case that applies, in worlds that `open` makes, and gives everything that was said. */
export async function recordConformance<Desk extends Emulator>(
  open: (wiring: Wiring) => Promise<Opened<Desk>>,
): Promise<readonly Spoken[]> {
  const spoken: Spoken[] = [];
  const runs = conformanceCases.map(async (one) => {
    let emulator: Desk | undefined;
    const wrap: Wiring['wrap'] = (fetch) => async (input, init) => {
      const faults = emulator?.faults.fired.length ?? 0;
      const response = await fetch(input, init);
      const { method, url } = new Request(input, init);
      const { status, headers } = response;
      const copy = response.clone();
      const text = await copy.text().catch(() => undefined);
      spoken.push({
        ...{ method, url: new URL(url), status, headers },
        body: parsed(typeof init?.body === 'string' ? init.body : undefined),
        answer: parsed(text),
        faulty: (emulator?.faults.fired.length ?? 0) > faults,
      });
      return response;
    };
    const world = await open({ wrap });
    ({ emulator } = world);
    if (applies(one, world)) await one.run(world);
    await world.close();
  });
  await Promise.all(runs);
  return spoken;
}

function parsed(text: string | undefined): unknown {
  if (text === undefined || text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
