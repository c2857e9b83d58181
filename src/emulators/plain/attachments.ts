/** Which attachments a message may carry. */
import { invalid, notFound, refuse } from './errors.ts';
import type { Attachment, AttachmentType } from './records.ts';
import type { World } from './world.ts';

const mostFiles = 100;
const megabyte = 1_000_000;

/** Bytes of all files of one message. */
const largestTotal = {
  EMAIL: 6 * megabyte,
  CUSTOM_TIMELINE_ENTRY: 6 * megabyte,
  CHAT: 100 * megabyte,
  SLACK: 50 * megabyte,
  MS_TEAMS: 50 * megabyte,
  DISCORD: 50 * megabyte,
  NOTE: 50 * megabyte,
} as const satisfies Record<AttachmentType, number>;

const refusedExtension =
  /\.(bat|bin|chm|com|cpl|crt|exe|hlp|hta|inf|ins|isp|jse|lnk|mdb|msc|msi|msp|mst|pcd|pif|reg|scr|sct|shs|vba|vbe|vbs|wsf|wsh|wsl)$/i;

/** The ids as they are stored. Without a type, files of any kind are taken. */
export function checkAttachments(
  { tables }: World,
  ids: readonly string[] | null | undefined,
  type?: AttachmentType,
): readonly string[] {
  if (!ids) return [];
  if (ids.length > mostFiles) throw invalid('attachmentIds', `At most ${mostFiles} files.`);
  const files: Attachment[] = ids.map((id) => {
    const file = tables.attachments.get(id);
    if (!file) throw notFound('attachmentIds', 'Attachment');
    return file;
  });
  for (const file of files) {
    if (!file.isUploaded) throw refuse('attachment_not_uploaded', 'The attachment has not been uploaded.');
    if (refusedExtension.test(file.fileName)) {
      throw refuse('attachment_file_type_not_allowed', 'Files of this type are not allowed.');
    }
    if (type && file.type !== type) throw invalid('attachmentIds', `The attachment is not of type ${type}.`);
  }
  const total = files.reduce((sum, { bytes }) => sum + bytes, 0);
  if (type && total > largestTotal[type]) {
    throw refuse('attachment_file_size_too_large', 'The files are too large.');
  }
  return ids;
}
