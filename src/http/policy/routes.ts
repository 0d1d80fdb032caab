import { setTimeout as pause } from 'node:timers/promises';
import {
  type AdminRequest,
  activateBundle,
  approveComparison,
  type BindingView,
  compareGrants,
  deactivateBundle,
  demandComparison,
  leaveToPush,
  listBundles,
  listPolicyKeys,
  pushBundle,
  putPolicyKey,
  readBinding,
  readBundleBytes,
  readBundleOf,
  readBundleStatus,
  readShadow,
  revokePolicyKey,
  rollBackBundle,
  setShadow,
} from '#access';

import { ProblemError } from '#problem';
import { type AdminExchange, adminApi } from '../admin-api.js';
import type { Api } from '../api.js';
import type { ApiParts, DescribedApi } from '../described-api.js';
import { mediaType, readBytes } from '../json-body.js';
import { appIdIn, orgnrIn, type PathParams } from '../path-names.js';
import { etagOf, ifMatch, ifNoneMatch } from '../preconditions.js';
import type { Reply } from '../state.js';
import { momentOf, neste, rangeOf, reasonOf } from '../wire-parts.js';
import type { operations } from './wire.gen.js';
import { approvalOut, bindingOut, bundleOut, comparisonOut, demandsIn, keyOut, keyTerms, shadowOut, statusOut, type Wire } from './wire.js';

type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Ask<Body = undefined, Sent = unknown> = AdminExchange<Body, Sent>;
type Handlers = DescribedApi<AdminRequest>['handlers'];

const GZIP = 'application/gzip';

/** The API of policy bundles, tilgang-policy-api-v1. */
export function policyApi(parts: ApiParts): Api {
  return adminApi(
    import.meta.url,
    parts,
    { ...bundleHandlers(parts), ...bindingHandlers, ...comparisonHandlers(parts), ...keyHandlers },
    {},
  );
}

function placeIn(params: PathParams) {
  return { orgnr: orgnrIn(params), appId: appIdIn(params) };
}

/** Bundles of an application. */
function bundleHandlers({ limits, places }: ApiParts): Handlers {
  return {
    async listRegelpakker({ access, request, params, query }: Ask<undefined, Query<'listRegelpakker'>>): Promise<Reply> {
      const { items, next } = await listBundles(access, request, placeIn(params), rangeOf(query));
      const body: Wire<'Regelpakkeliste'> = { regelpakker: items.map(bundleOut), ...neste(next) };
      return { status: 200, body };
    },
    async lastOppRegelpakke({ access, ctx, request, params }: Ask): Promise<Reply> {
      // Asked before anything is read and worked on; and one bundle of a tilbyder at a time, so that whoever sends many waits for oneself.
      const { application } = await leaveToPush(access, request, placeIn(params));
      mediaType(ctx.req, [GZIP]);
      const giveBack = await places.take([{ of: `bundles of tilbyder ${application.value.tilbyder}`, most: 1 }], 1);
      try {
        const bytes = await readBytes(ctx.req, { ...limits, maxBodyBytes: limits.maxBundleBytes });
        const { isNew, ...view } = await pushBundle(access, request, placeIn(params), bytes);
        const headers = isNew ? { Location: `${ctx.path}/${view.bundle.revision}` } : {};
        return { status: isNew ? 201 : 200, headers, body: bundleOut(view) };
      } finally {
        giveBack();
      }
    },
    async hentRegelpakke({ access, request, params }: Ask): Promise<Reply> {
      return { status: 200, body: bundleOut(await readBundleOf(access, request, placeIn(params), params['revisjon'] ?? '')) };
    },
    async hentInnhold({ access, ctx, request, params }: Ask): Promise<Reply> {
      const { bundle, bytes } = await readBundleBytes(access, request, placeIn(params), params['revisjon'] ?? '');
      const headers = { ETag: `"${bundle.digest}"` };
      if (ifNoneMatch(ctx, headers.ETag)) return { status: 304, headers };
      return { status: 200, headers: { ...headers, 'Content-Type': GZIP }, body: await bytes() };
    },
  };
}

function answer(view: BindingView): Reply {
  return { status: 200, headers: { ETag: etagOf(view.revision) }, body: bindingOut(view) };
}

/** Which of them judges. */
const bindingHandlers: Handlers = {
  async hentAktiv({ access, request, params }: Ask) {
    return answer(await readBinding(access, request, placeIn(params)));
  },
  async aktiver({ access, ctx, request, params, body }: Ask<Wire<'Aktivering'>>) {
    return answer(await activateBundle(access, request, placeIn(params), body.revisjon, ifMatch(ctx), reasonOf(body).reason));
  },
  async deaktiver({ access, ctx, request, params, body }: Ask<Wire<'Begrunnet'> | undefined>) {
    return answer(await deactivateBundle(access, request, placeIn(params), ifMatch(ctx), reasonOf(body).reason));
  },
  async rullTilbake({ access, ctx, request, params, body }: Ask<Wire<'Tilbakerulling'>>) {
    const reason = reasonOf(body).reason as string;
    return answer(await rollBackBundle(access, request, placeIn(params), body.revisjon, ifMatch(ctx), reason));
  },
  async hentStatus({ access, request, params }: Ask) {
    return { status: 200, body: statusOut(await readBundleStatus(access, request, placeIn(params))) };
  },
};

/** A comparison of many grants is ended so that whoever asks gets an answer. */
const COMPARED_MS = 20_000;

const LOOKS_MS = 250;

/** One of the places of all tilbydere, as soon as there is one: each is given back after COMPARED_MS. @throws ProblemError `too-many-requests` if none is for twice as long */
async function placeAmongAll(places: ApiParts['places']): Promise<() => void> {
  for (const until = Date.now() + 2 * COMPARED_MS; ; ) {
    try {
      return await places.take([{ of: 'comparisons', most: 2 }], 5);
    } catch (error) {
      if (!(error instanceof ProblemError) || error.slug !== 'too-many-requests' || Date.now() > until) throw error;
      await pause(LOOKS_MS);
    }
  }
}

/** What another one would change. */
function comparisonHandlers({ places }: ApiParts): Handlers {
  return {
    async sammenlign({ access, request, params, body }: Ask<Wire<'Sammenligningsvalg'>>) {
      // Asked before the place is taken. One at a time for each tilbyder, who hears so at once; two in all, since what compares keeps a core busy: for these others wait.
      const { binding } = await readBinding(access, request, placeIn(params));
      const giveOwnBack = await places.take([{ of: `comparisons of tilbyder ${binding.tilbyder}`, most: 1 }], 5);
      let giveBack = (): void => {};
      try {
        giveBack = await placeAmongAll(places);
        const over = AbortSignal.timeout(COMPARED_MS);
        return {
          status: 200,
          body: comparisonOut(await compareGrants(access, request, placeIn(params), { revision: body.revisjon }, { over })),
        };
      } finally {
        giveBack();
        giveOwnBack();
      }
    },
    async godkjenn({ access, request, params, body }: Ask<Wire<'Godkjenningsvalg'>>) {
      const compared = { revision: body.revisjon, at: momentOf(body.tidspunkt) };
      const approved = await approveComparison(access, request, placeIn(params), compared, reasonOf(body).reason);
      return { status: 200, body: approvalOut(approved) };
    },
    async settKrav({ access, ctx, request, params, body }: Ask<Wire<'Krav'>>) {
      return answer(await demandComparison(access, request, placeIn(params), demandsIn(body), ifMatch(ctx)));
    },
    async hentSkygge({ access, request, params }: Ask) {
      return { status: 200, body: shadowOut(await readShadow(access, request, placeIn(params))) };
    },
    async settSkygge({ access, ctx, request, params, body }: Ask<Wire<'Aktivering'>>) {
      return answer(await setShadow(access, request, placeIn(params), body.revisjon, ifMatch(ctx), reasonOf(body).reason));
    },
    async fjernSkygge({ access, ctx, request, params }: Ask) {
      return answer(await setShadow(access, request, placeIn(params), undefined, ifMatch(ctx)));
    },
  };
}

/** Whose signature counts. */
const keyHandlers: Handlers = {
  async listNokler({ access, request, params }: Ask) {
    const body: Wire<'Nokkelliste'> = { nokler: (await listPolicyKeys(access, request, orgnrIn(params))).map(keyOut) };
    return { status: 200, body };
  },
  async settNokkel({ access, ctx, request, params, body }: Ask<Wire<'NyNokkel'>>) {
    const view = await putPolicyKey(access, request, orgnrIn(params), params['kid'] ?? '', keyTerms(body), ifMatch(ctx));
    return { status: 200, headers: { ETag: etagOf(view.revision) }, body: keyOut(view) };
  },
  async trekkNokkel({ access, ctx, request, params, body }: Ask<Wire<'Begrunnet'> | undefined>) {
    await revokePolicyKey(access, request, orgnrIn(params), params['kid'] ?? '', ifMatch(ctx), reasonOf(body).reason);
    return { status: 204 };
  },
};
