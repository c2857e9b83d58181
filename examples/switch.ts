/** One desk or the other: a word of configuration, and not a line of the application changes. */
import { createHelpdesk, type Helpdesk, type HelpdeskConfig } from 'helpdesk-bridge';
import { emulatePlain, emulateProductlane } from 'helpdesk-bridge/testing';

/** The application. It does not know which desk it talks to. */
async function reportProblem(helpdesk: Helpdesk, email: string, words: string): Promise<string> {
  const body = { format: 'text', content: words } as const;
  const { value, losses } = await helpdesk.createThread({
    contact: { email },
    title: 'Problem',
    body,
    priority: 'urgent',
  });
  // What a desk could not keep is said, not dropped: Productlane has no level above high.
  for (const { field, how, stored } of losses) console.log(`${field} ${how} to ${stored}`); // priority changed to high
  await helpdesk.reply({ threadId: value.id, body: { format: 'text', content: 'We are looking into it.' } });
  const kinds: string[] = [];
  for await (const { kind } of helpdesk.listMessages(value.id)) kinds.push(kind);
  return kinds.join(', ');
}

// Emulated desks. With real ones: { apiKey: process.env['PLAIN_API_KEY'] }.
const productlane = emulateProductlane();
const plain = emulatePlain();
const config: Omit<HelpdeskConfig, 'helpdesk'> = {
  productlane: { apiKey: productlane.apiKey, baseUrl: productlane.baseUrl, fetch: productlane.fetch },
  plain: { apiKey: plain.apiKey, baseUrl: plain.baseUrl, fetch: plain.fetch },
};

const words = 'The export is empty.';
console.log(await reportProblem(createHelpdesk({ ...config, helpdesk: 'plain' }), 'ada@example.com', words)); // inbound, outbound
console.log(await reportProblem(createHelpdesk({ ...config, helpdesk: 'productlane' }), 'ada@example.com', words)); // inbound, outbound
