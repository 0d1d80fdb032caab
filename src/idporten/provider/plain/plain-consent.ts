import type { AskedConsent, ConsentStep, StepExchange } from '../ports.js';
import { escaped, sendPage } from './pages.js';

/** The consent page, plainly: the names of the scopes, yes or no. */
export class PlainConsent implements ConsentStep {
  async step({ ask, client }: AskedConsent, { res, form }: StepExchange): Promise<{ readonly given: readonly string[] } | undefined> {
    if (form !== undefined) return { given: form.has('yes') ? ask.map(({ scope }) => scope) : [] };
    const list = ask.map(({ scope }) => `<li>${escaped(scope)}</li>`).join('');
    const body = `<ul>${list}</ul><form method="post"><button name="yes" value="1">Ja</button><button name="no" value="1">Nei</button></form>`;
    sendPage(res, 200, `${escaped(client.name)} ber om tilgang`, body);
    return undefined;
  }
}
