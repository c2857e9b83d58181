/** What the demo is told with: the vendor's own example, and mail as people write it. */
import type { Material } from './story.ts';

export interface Conversation {
  readonly heading: string;
  readonly material: Material;
}

/**
 * `address` replaces the contacts' own, which no mail reaches. Somebody is
 * behind it, whose name stays what it is.
 */
export function conversations(address?: string): readonly Conversation[] {
  const until = new Date(Math.ceil((Date.now() + 86_400_000) / 60_000) * 60_000);
  const note = { format: 'text', content: 'Known since Tuesday, fix is in review.' } as const;
  return [
    {
      heading: "The example of the vendors' pages",
      material: {
        contact: address ? { email: address } : { email: 'jsmith@example.com', name: 'J. Smith' },
        title: 'Bug Report',
        body: { format: 'text', content: "The login button is not working, it doesn't do anything." },
        priority: 'normal',
        reply: { format: 'text', content: 'Thank you. Which browser is it?' },
        note,
        until,
      },
    },
    {
      heading: 'A mail out of Outlook, urgent, two weeks old, with an id of its own',
      material: {
        contact: address ? { email: address } : { email: 'marta@northwind.example', name: 'Marta Ruiz' },
        title: 'Invoices 2031 and 2032',
        externalId: `demo-${until.getTime()}`,
        createdAt: new Date(until.getTime() - 15 * 86_400_000),
        priority: 'urgent',
        body: {
          format: 'html',
          content: [
            '<html><head><style>p.MsoNormal{margin:0in}</style></head><body lang="EN-US">',
            '<p class="MsoNormal">Dear team,<o:p></o:p></p>',
            '<p class="MsoNormal">two of our invoices do <b>not</b> match the order:</p>',
            '<table border="1"><tr><th>Invoice</th><th>Billed</th><th>Ordered</th></tr>',
            '<tr><td>2031</td><td>EUR 1,200</td><td>EUR 1,020</td></tr>',
            '<tr><td>2032</td><td>EUR 480</td><td>EUR 48</td></tr></table>',
            '<ul><li>The order is <a href="https://shop.example/orders/7">number 7</a></li><li>Paid on 2 March</li></ul>',
            '<p class="MsoNormal">Kind regards<br>Marta</p><script>track()</script></body></html>',
          ].join('\n'),
        },
        reply: {
          format: 'markdown',
          content:
            'Dear Marta,\n\nyou are right. **Both** will be corrected today:\n\n1. 2031: EUR 1,020\n2. 2032: EUR 48',
        },
        note,
        until,
      },
    },
  ];
}
