/**
 * HTML as mail programs write it: five mails of 1 to 1.7 kB, dense with tables,
 * lists, code and quotes, and one long thread of 141 kB. Beside them real mail
 * bodies, where the folder with such fixtures is there.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';

const fixtures = new URL('../../shared/fixtures/emails/', import.meta.url);

export const real = existsSync(fixtures)
  ? readdirSync(fixtures)
      .filter((name) => name.endsWith('.html'))
      .map((name) => readFileSync(new URL(name, fixtures), 'latin1'))
  : [];

const gmail = `<div dir="ltr">Hi Sam,<div><br></div><div>thanks, the export works again for <b>most</b> projects. Two are still empty:</div><div><ul><li>Northwind <i>(weekly)</i></li><li>Fabrikam, see <a href="https://app.example.com/projects/8812?tab=export&amp;range=30d" target="_blank">this link</a></li></ul></div><div>I attached the log. Could you have a look before Friday?</div><div><br clear="all"></div><div><div dir="ltr" class="gmail_signature" data-smartmail="gmail_signature"><div dir="ltr">Ada Brandt<div><font color="#888888">Operations, Acme</font></div></div></div></div></div><br><div class="gmail_quote"><div dir="ltr" class="gmail_attr">On Wed, Nov 18, 2026 at 9:12 AM Sam &lt;<a href="mailto:support@desk.example">support@desk.example</a>&gt; wrote:<br></div><blockquote class="gmail_quote" style="margin:0px 0px 0px 0.8ex;border-left:1px solid rgb(204,204,204);padding-left:1ex"><div dir="ltr"><div>Hello Ada,</div><div><br></div><div>we shipped a fix last night. Please try again and tell us whether the file holds all rows.</div><div><br></div><div>Best,</div><div>Sam</div></div></blockquote></div>`;

const outlook = `<html xmlns:o="urn:schemas-microsoft-com:office:office" xmlns:w="urn:schemas-microsoft-com:office:word" xmlns="http://www.w3.org/TR/REC-html40"><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"><style><!-- @font-face {font-family:Calibri; panose-1:2 15 5 2 2 2 4 3 2 4;} p.MsoNormal, li.MsoNormal {margin:0cm; font-size:11.0pt; font-family:"Calibri",sans-serif;} --></style></head><body lang="DE" link="#0563C1" vlink="#954F72"><div class="WordSection1"><p class="MsoNormal"><span style="font-size:11.0pt;font-family:&quot;Calibri&quot;,sans-serif;color:#1F497D">Guten Tag,<o:p></o:p></span></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><p class="MsoNormal">seit dem letzten Update k\u00f6nnen sich drei Kollegen <b>nicht mehr anmelden</b>:<o:p></o:p></p><p class="MsoListParagraph" style="text-indent:-18.0pt;mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">1.<span style="font:7.0pt &quot;Times New Roman&quot;">&nbsp;&nbsp;</span></span>Anna Weber<o:p></o:p></p><p class="MsoListParagraph" style="text-indent:-18.0pt;mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">2.<span style="font:7.0pt &quot;Times New Roman&quot;">&nbsp;&nbsp;</span></span>Jonas Klein<o:p></o:p></p><p class="MsoNormal"><o:p>&nbsp;</o:p></p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"><p class="MsoNormal"><b>Von:</b> Support &lt;support@desk.example&gt; <br><b>Gesendet:</b> Mittwoch, 18. November 2026 09:12<br><b>Betreff:</b> AW: Anmeldung<o:p></o:p></p></div></div><p class="MsoNormal">Bitte senden Sie uns die <a href="https://status.example.com/incidents/77">Fehlernummer</a>.<o:p></o:p></p></div></body></html>`;

const appleMail = `<html><head><meta http-equiv="Content-Type" content="text/html; charset=utf-8"></head><body style="overflow-wrap: break-word; -webkit-nbsp-mode: space; line-break: after-white-space;">Hello,<div><br></div><div>the webhook returns 500 since this morning. This is what we send:</div><div><br></div><pre style="white-space: pre-wrap;">POST /hooks/orders HTTP/1.1
content-type: application/json

{ "order": 4711, "state": "paid", "lines": [1, 2, 3] }</pre><div><br></div><div>and the answer is <code>{"error":"internal"}</code>. The screenshot: <img alt="dashboard" src="cid:8F2C1A@mail.example" width="640" height="360"></div><div><br></div><div>It looks as if <strong>only paid orders</strong> fail; <em>draft</em> and <em>open</em> are fine. Our retry policy gives up after six hours, so we lose events from about 15:00 on.</div><div><br><div>\u2014<br>Radia P.<br>+1 555 0100</div><div><br><blockquote type="cite"><div>On 19. Nov 2026, at 17:40, Sam &lt;support@desk.example&gt; wrote:</div><br class="Apple-interchange-newline"><div><div>Which endpoint is it, and since when?</div></div></blockquote></div></div></body></html>`;

const invoice = `<!DOCTYPE html><html><body style="margin:0;background:#f4f4f4"><table role="presentation" width="100%" cellpadding="0" cellspacing="0"><tr><td align="center"><table role="presentation" width="600" style="background:#fff"><tr><td style="padding:24px"><h2 style="margin:0 0 12px">Question about invoice 2026-1183</h2><p style="margin:0 0 12px">The amounts of two lines differ from our order:</p><table border="1" cellpadding="4"><thead><tr><th>Item</th><th>Ordered</th><th>Invoiced</th></tr></thead><tbody><tr><td>Seats</td><td>25</td><td>27</td></tr><tr><td>Storage</td><td>100 GB</td><td>100 GB</td></tr><tr><td>Support</td><td>Standard</td><td>Premium</td></tr></tbody></table><p style="margin:12px 0">Please correct it or call us. The order is <a href="https://shop.example.com/orders/1183?utm_source=mail&amp;utm_medium=invoice">here</a>.</p><p style="font-size:12px;color:#888">Acme Ltd, 1 High Street<br>This message may be confidential.</p></td></tr></table></td></tr></table><img src="https://track.example.com/open.gif?m=883" width="1" height="1" alt=""></body></html>`;

const thunderbird = `<html><head><meta http-equiv="content-type" content="text/html; charset=UTF-8"></head><body text="#000000" bgcolor="#FFFFFF"><p>Hi,</p><p>three things before we can go live:<br></p><ol><li>Single sign-on with <a class="moz-txt-link-freetext" href="https://login.example.org">https://login.example.org</a></li><li>An export of <i>all</i> threads, ideally<ul><li>as CSV</li><li>with attachments</li></ul></li><li>Your DPA, signed</li></ol><p>On the second one: is there a limit? We have about 40\u202f000 threads, and last time it stopped at 10\u202f000 without an error. \u{1F642}</p><div class="moz-cite-prefix">Am 18.11.26 um 09:12 schrieb Sam:<br></div><blockquote type="cite" cite="mid:77@desk.example"><p>Happy to help. What is missing?</p><blockquote type="cite"><p>We would like to start next week.</p></blockquote></blockquote><div class="moz-signature">-- <br>Grace<br><a class="moz-txt-link-abbreviated" href="mailto:grace@customer.example">grace@customer.example</a></div></body></html>`;

export const typical = [gmail, outlook, appleMail, invoice, thunderbird];

/** A thread that quotes its whole past: every answer holds the one before it, for the first 30, and then they follow one another. */
export const worst = longThread(141_000);

function longThread(size) {
  let html = '';
  for (let index = 0; html.length < size; index += 1) {
    const mail = typical[index % typical.length];
    html = index < 30 ? `${mail}<blockquote>${html}</blockquote>` : `${mail}<hr>${html}`;
  }
  return html.slice(0, size);
}
