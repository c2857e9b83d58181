/** How much core and both adapters add to a bundle, and that the small bundle works. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build } from 'esbuild';
import { emulatePlain } from '../dist/testing/index.js';

const at = (path) => fileURLToPath(new URL(path, import.meta.url));

/** What an application that can talk to both desks imports. */
const entry = `
  export { createHelpdesk } from './dist/index.js';
  export { createProductlane } from './dist/providers/productlane/index.js';
  export { createPlain } from './dist/providers/plain/index.js';
`;

export async function run() {
  const small = await bundle({ alias: { graphql: at('graphql-stub.mjs') }, external: ['*/bodies/convert.js'] });
  const parser = await bundle({ external: ['*/bodies/convert.js'] });
  const everything = await bundle({});
  await works(small);
  return [
    { what: 'without converter and GraphQL parser, gzip', values: [packed(small)], unit: 'kB', atMost: 45 },
    { what: 'the same, minified only', values: [small.length / 1000], unit: 'kB' },
    { what: 'with the GraphQL parser, gzip', values: [packed(parser)], unit: 'kB' },
    { what: 'with parser and converter, gzip', values: [packed(everything)], unit: 'kB' },
  ];
}

async function bundle(options) {
  const { outputFiles } = await build({
    stdin: { contents: entry, resolveDir: at('..') },
    bundle: true,
    minify: true,
    format: 'esm',
    platform: 'browser',
    target: 'es2022',
    write: false,
    logLevel: 'error',
    ...options,
  });
  return outputFiles[0].contents;
}

function packed(contents) {
  return gzipSync(contents, { level: 9 }).length / 1000;
}

/** One thread, created with nothing but the bundle. */
async function works(contents) {
  const folder = await mkdtemp(join(tmpdir(), 'helpdesk-bridge-size-'));
  try {
    const file = join(folder, 'bundle.mjs');
    await writeFile(file, contents);
    const { createHelpdesk } = await import(pathToFileURL(file).href);
    const emulator = emulatePlain();
    const { apiKey, baseUrl, fetch } = emulator;
    const desk = createHelpdesk({ helpdesk: 'plain', plain: { apiKey, baseUrl, fetch } });
    const { value } = await desk.createThread({
      contact: { email: 'ada@customer.example' },
      title: 'Bundled',
      body: { format: 'text', content: 'It works.' },
    });
    if (!emulator.state.threads.has(value.id)) throw new Error('the bundle created no thread');
  } finally {
    await rm(folder, { recursive: true });
  }
}
