import type { PersonNumber } from '#domain';
import type { AskedLogin, EidStep, LoginOutcome, StepExchange } from '../ports.js';
import { escaped, sendPage } from './pages.js';

/** A person that can log in at a demo. */
export interface DemoLogin {
  /** Says nothing of the person. */
  readonly id: string;
  readonly name: string;
  readonly person: PersonNumber;
}

const HINT = /^testid:([0-9]{11})(?:_(idporten-loa-(?:low|substantial|high)))?$/;

/** How persons of a demo show who they are: they say so. Nothing is checked, and the method is called what it is. */
export class DemoEid implements EidStep {
  readonly #persons: () => readonly DemoLogin[];

  constructor(persons: () => readonly DemoLogin[]) {
    this.#persons = persons;
  }

  async step(asked: AskedLogin, { res, form }: StepExchange): Promise<LoginOutcome | undefined> {
    const { leastAcr = 'idporten-loa-substantial', loginHint = '' } = asked;
    const [, hinted, level = 'idporten-loa-high'] = HINT.exec(loginHint) ?? [];
    const persons = this.#persons();
    const byHint = persons.find(({ person }) => person === hinted);
    if (byHint !== undefined) return { person: byHint.person, acr: level, amr: ['TestID'] };
    if (form?.has('cancel') === true) return { cancelled: true };
    const chosen = persons.find(({ id }) => id === form?.get('person'));
    if (chosen !== undefined) return { person: chosen.person, acr: form?.get('acr') ?? leastAcr, amr: ['TestID'] };
    const buttons = persons.map(({ id, name }) => `<li><button name="person" value="${escaped(id)}">${escaped(name)}</button></li>`);
    const body = `<p>Demo: ingenting kontrolleres.</p><form method="post"><ul>${buttons.join('')}</ul><button name="cancel" value="1">Avbryt</button></form>`;
    sendPage(res, 200, `Logg inn til ${escaped(asked.client.name)}`, body);
    return undefined;
  }
}
