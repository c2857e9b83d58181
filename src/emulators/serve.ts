/** How an emulator is reached over HTTP. Needs Node. */
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createAdaptorServer, type HttpBindings } from '@hono/node-server';
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response';
import { createControl } from './control.ts';
import type { Emulator } from './emulator.ts';
import { halve, type Outcome } from './outcome.ts';

export interface ServeOptions {
  /** Default: a free one. */
  readonly port?: number | undefined;
}

export interface Served {
  /** What an adapter takes as its base URL. */
  readonly url: string;
  /** `http://127.0.0.1:<port>`; `/_emulator` below it inspects and resets, see `createControl`. */
  readonly origin: string;
  /** Breaks every connection, those that a fault keeps open included. */
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 only. Rejects if the port is taken. */
export async function serve(emulator: Emulator, options: ServeOptions = {}): Promise<Served> {
  const control = createControl(emulator);
  const server = createAdaptorServer({
    async fetch(request, env) {
      const { outgoing } = env as HttpBindings;
      if (new URL(request.url).pathname.startsWith('/_emulator')) return control.fetch(request);
      try {
        return await show(await emulator.exchange(request), outgoing);
      } catch {
        // Only a slow answer whose caller has gone: there is nobody to tell.
        outgoing.destroy();
        return RESPONSE_ALREADY_SENT;
      }
    },
  });

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  const { port } = server.address() as AddressInfo;
  const origin = `http://127.0.0.1:${port}`;
  return {
    origin,
    url: origin + new URL(emulator.baseUrl).pathname,
    close: () =>
      new Promise((resolve, reject) => {
        server.close((error) => (error ? reject(error) : resolve()));
        if ('closeAllConnections' in server) server.closeAllConnections();
      }),
  };
}

async function show(outcome: Outcome, outgoing: ServerResponse<IncomingMessage>): Promise<Response> {
  switch (outcome.is) {
    case 'answer':
      return outcome.response;
    case 'cut':
      // A reset, not an orderly end: the caller sees ECONNRESET.
      outgoing.socket?.resetAndDestroy();
      return RESPONSE_ALREADY_SENT;
    case 'silence':
      return RESPONSE_ALREADY_SENT;
    case 'half': {
      const { half, length } = await halve(outcome.response);
      const { status, headers } = outcome.response;
      outgoing.writeHead(status, { ...Object.fromEntries(headers), 'content-length': String(length) });
      outgoing.write(half, () => {
        if (outcome.ending === 'break') outgoing.destroy();
      });
      return RESPONSE_ALREADY_SENT;
    }
  }
}
