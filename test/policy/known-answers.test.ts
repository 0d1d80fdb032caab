import t from 'tap';
import { assertKnownAnswers } from '#access';
import { createDecisions } from '#decisions';
import { type Bundle, loadBundle } from '#policy';
import { readBundle } from './world.js';

const good = await loadBundle(await readBundle());
/** The bundle as if one of its rules gave another answer. */
const with_ = (entrypoint: string, answer: (real: unknown) => unknown): Bundle => ({
  ...good,
  evaluate: (asked, input) => (asked === entrypoint ? answer(good.evaluate(asked, input)) : good.evaluate(asked, input)),
});
const load = (bundle: Bundle): Promise<void> => assertKnownAnswers(createDecisions(() => bundle).pinned());

t.test('the bundle of the package gives the answers that are known', async () => {
  await load(good);
});

t.test('a bundle whose rules look at the konsument need not have the rule that is not told it', async () => {
  await load({ ...good, entrypoints: good.entrypoints.filter((entrypoint) => entrypoint !== 'tilgang/many/terms') });
});

t.test('a bundle whose rules look at the konsument is refused if it has the rule that is not told it', async (t) => {
  interface Asked {
    readonly grants: readonly { readonly konsument?: string }[];
  }
  const isOther = ({ konsument = '' }: { readonly konsument?: string }): boolean => konsument.startsWith('8');
  /** As if organisations whose numbers begin with 8 were let in to nothing. */
  const looking: Bundle = {
    ...good,
    evaluate(entrypoint, input) {
      const answer = good.evaluate(entrypoint, input);
      const { grants } = input as Asked;
      if (entrypoint === 'tilgang/many/covers') return grants.map((grant, i) => !isOther(grant) && (answer as readonly boolean[])[i]);
      return entrypoint === 'tilgang/access/search' ? (answer as readonly string[]).filter((konsument) => !isOther({ konsument })) : answer;
    },
  };
  await t.rejects(load(looking), { slug: 'bundle-invalid', message: /tilgang\/many\/covers/ });
  await load({ ...looking, entrypoints: good.entrypoints.filter((entrypoint) => entrypoint !== 'tilgang/many/terms') });
});

t.test('a bundle that says no to everything, or yes, or nothing, is refused by rule (fault 19, threat 57)', async (t) => {
  const constant = new Map<string, unknown[]>([
    ['tilgang/access/search', [[], ['910000000', '910000001', '910000002']]],
    [
      'tilgang/access/may_ask',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['caller_foreign'] },
      ],
    ],
    [
      'tilgang/access/evaluate',
      [
        { allowed: true, reasons: ['granted'] },
        { allowed: false, reasons: ['grant_missing'] },
      ],
    ],
    ['tilgang/held/roles', [[]]],
    [
      'tilgang/held/over',
      [
        [true, true, true],
        [false, false, false],
      ],
    ],
    [
      'tilgang/admin/evaluate',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['role_missing'] },
      ],
    ],
    [
      'tilgang/kinds/may_ask',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['caller_foreign'] },
      ],
    ],
    [
      'maskinporten/admin/evaluate',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['organisation_foreign'] },
      ],
    ],
    ['tilgang/many/covers', [Array(3).fill(true), Array(3).fill(false)]],
    ['tilgang/many/terms', [Array(3).fill(true), Array(3).fill(false)]],
    [
      'tilgang/history/visible',
      [
        [true, true],
        [false, false],
      ],
    ],
    [
      'maskinporten/clients/evaluate',
      [
        { allowed: true, faults: [] },
        { allowed: false, faults: [{ index: 0, reason: 'scope_not_granted' }] },
      ],
    ],
    [
      'systembruker/admin/evaluate',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['object_foreign'] },
      ],
    ],
    ['systembruker/delegation/faults', [[[]], [[{ reason: 'role_missing', resource: 'service' }]]]],
    ['systembruker/agents/clients', [true, false].map((acts) => [{ given: ['a'], missing: [], reasons: [], acts }])],
    [
      'systembruker/token/evaluate',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['system_user_deactivated'] },
      ],
    ],
    [
      'systembruker/token/issue',
      [[], ['system_user_deactivated']].map((reasons) => ({
        faults: [],
        grant: { consumer: '910000000', supplier: null, delegationSource: null, lifetime: 120, audience: [] },
        systemUser: { allowed: reasons.length === 0, reasons },
      })),
    ],
    [
      'systembruker/acting/evaluate',
      [
        { decision: true, reasons: ['granted'] },
        { decision: false, reasons: ['right_missing'] },
      ],
    ],
    ['systembruker/history/told', [Array(2).fill({ side: 'customer', who: true }), Array(2).fill({ side: 'vendor', who: false })]],
    [
      'systembruker/asking/may_ask',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['resource_unknown'] },
      ],
    ],
    ['maskinporten/token/evaluate', [{ faults: [], grant: null }]],
    [
      'idporten/login/evaluate',
      [
        { faults: [], granted: [{ scope: 'a:b', basis: 'login', lasts: 7200 }], ask: [], refused: [] },
        { faults: [], granted: [], ask: [], refused: [{ scope: 'a:b', reason: 'scope_not_granted' }] },
      ],
    ],
    [
      'idporten/introspection/evaluate',
      [
        { active: true, person: true, reasons: [] },
        { active: false, person: false, reasons: ['authorization_ended'] },
      ],
    ],
    [
      'idporten/authorizations/evaluate',
      [
        { allowed: true, reasons: [] },
        { allowed: false, reasons: ['scope_missing'] },
      ],
    ],
    [
      'idporten/krr/may_ask',
      [
        { allowed: true, reasons: [], fields: ['mailbox'] },
        { allowed: true, reasons: [], fields: ['contact', 'mailbox'] },
        { allowed: false, reasons: ['scope_missing'], fields: [] },
      ],
    ],
    ['idporten/contacts/view', [Array(4).fill('notifiable'), Array(4).fill('deleted'), []]],
    [
      'idporten/authlevel/may_ask',
      [
        { allowed: true, reasons: [], since: '2025-05-21T12:00:00.000Z' },
        { allowed: false, reasons: ['scope_missing'], since: '2025-05-21T12:00:00.000Z' },
      ],
    ],
    ['idporten/logins/evaluate', ['yes', 'no', 'unknown', 'yesterday']],
    ['tilgang/explained/with_answers', [true, false]],
    ['tilgang/explained/told', [true, false].map((shown) => Array(2).fill({ shown, reasons: [], grant: shown }))],
  ]);
  t.same([...constant.keys()].sort(), good.entrypoints, 'every rule is asked');
  for (const [entrypoint, answers] of constant) {
    for (const answer of [...answers, undefined, null]) {
      await t.rejects(load(with_(entrypoint, () => answer)), { slug: 'bundle-invalid', message: new RegExp(entrypoint) }, entrypoint);
    }
  }
});
