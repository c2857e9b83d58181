/** Which calls for files there are, and where their contents are found afterwards. */
import { type Routes, readBody, type Service, scope } from '../app.ts';
import { invalid } from '../refusal.ts';
import { bodies } from '../requests.ts';
import type { FileRow } from '../rows.ts';
import { stamp, type Workspace } from '../workspace.ts';

/** Uploaded files are public here, as on the vendor's CDN: another host, no key. */
export const filesOrigin = 'https://files.productlane.invalid';

const longest = 10 * 1024 * 1024;

const office = 'application/vnd.openxmlformats-officedocument';
const accepted: ReadonlySet<string> = new Set([
  'image/png',
  'image/jpeg',
  'image/gif',
  'image/webp',
  'application/pdf',
  'application/msword',
  `${office}.wordprocessingml.document`,
  'application/vnd.ms-excel',
  `${office}.spreadsheetml.sheet`,
  'application/vnd.ms-powerpoint',
  `${office}.presentationml.presentation`,
  'text/csv',
  'text/plain',
]);

export function fileRoutes(app: Routes, { workspace }: Service): void {
  app.post('/files', scope('files:write'), async (call) => {
    const form = await call.req.formData().catch(() => {
      throw invalid({ path: '', message: 'The body is not multipart/form-data' });
    });
    const unknown = [...form.keys()].find((name) => name !== 'file');
    if (unknown !== undefined) throw invalid({ path: unknown, message: 'Unrecognized key' });
    const [file, second] = form.getAll('file');
    if (!(file instanceof File) || second) throw invalid({ path: 'file', message: 'Exactly one file is required' });
    return call.json(store(workspace, file.name, file.type, Buffer.from(await file.arrayBuffer())));
  });

  // An address is not fetched: nothing here reaches the network. The file is empty then.
  app.post('/files/import', scope('files:write'), async (call) => {
    const body = await readBody(call, workspace, bodies.fileImport);
    const { url, content_base64, file_name, content_type } = body;
    if ((url === undefined) === (content_base64 === undefined)) {
      throw invalid({ path: 'url', message: 'Exactly one of url and content_base64 is required' });
    }
    const name = file_name ?? url?.split('/').at(-1) ?? 'file';
    return call.json(store(workspace, name, content_type ?? 'text/plain', Buffer.from(content_base64 ?? '', 'base64')));
  });
}

function store(workspace: Workspace, name: string, type: string, bytes: Buffer): Record<string, unknown> {
  const content_type = type.split(';')[0]?.trim().toLowerCase() ?? '';
  if (!accepted.has(content_type)) throw invalid({ path: 'file', message: 'The file type is not accepted' });
  if (bytes.length > longest) throw invalid({ path: 'file', message: 'At most 10 MB' });
  const row: FileRow = {
    id: workspace.ids.next('fil'),
    created_at: stamp(workspace),
    file_name: name,
    content_type,
    size: bytes.length,
    content: bytes.toString('base64'),
  };
  workspace.tables.files.set(row.id, row);
  const url = `${filesOrigin}/${row.id}/${encodeURIComponent(name)}`;
  return { id: row.id, [workspace.switches.fileUrlField]: url, file_name: name, content_type, size: row.size };
}

/** The contents behind an address that an upload gave. */
export function serveFile({ tables }: Workspace, path: string): Response {
  const row = tables.files.get(path.split('/')[1] ?? '');
  if (!row) return new Response('Not found', { status: 404 });
  return new Response(Buffer.from(row.content, 'base64'), { headers: { 'content-type': row.content_type } });
}
