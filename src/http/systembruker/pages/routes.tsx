import Router from '@koa/router';
import { SYSTEM_USERS_PATH } from '#idporten';
import { answer } from '../../answer.js';
import type { Api } from '../../api.js';
import type { ApiParts } from '../../described-api.js';
import { seeOther } from '../../idporten/own-login.js';
import { ButtonLink, type Language, Page, pageReply } from '../../pages/index.js';
import { routed } from '../../routed.js';
import { type Context, exactPaths, type Reply, type RequestState } from '../../state.js';
import { BASE } from './addresses.js';
import { ANSWERED, answeredReply } from './answered-page.js';
import { addAnswering } from './answering.js';
import { addChoosing } from './choosing.js';
import { addConnecting } from './connecting.js';
import { addGiving } from './giving.js';
import { addKeeping } from './keeping.js';
import { addOverviews } from './overviewing.js';
import { addServing } from './serving.js';
import { type PagesParts, pageOfState, Visits } from './visit.js';
import { WORDS } from './words/words.js';

/** The pages on which people of a business answer what vendors ask for, and keep what systems may do. */
export function systembrukerPages(api: ApiParts, own: PagesParts): Api {
  const router = new Router<RequestState>(exactPaths);
  router.get(SYSTEM_USERS_PATH, (koa) => {
    const ctx = koa as Context;
    ctx.state.route = SYSTEM_USERS_PATH;
    const { state, error } = ctx.query;
    const page = pageOfState(state);
    answer(ctx, error === undefined ? seeOther(page) : notLoggedIn(own.pages.language(ctx), page));
  });
  router.get(ANSWERED, (koa) => {
    const ctx = koa as Context;
    ctx.state.route = ANSWERED;
    answer(ctx, answeredReply(own.pages, ctx) ?? seeOther(BASE));
  });
  const visits = new Visits(router, api, own);
  // What has a name of its own comes before what is named by a number.
  addAnswering(visits);
  addOverviews(visits);
  addChoosing(visits);
  addConnecting(visits);
  addGiving(visits);
  addKeeping(visits);
  addServing(visits);
  return { mounts: [BASE], handler: routed(router) };
}

/** Whoever has cancelled a login may begin again. */
function notLoggedIn(language: Language, page: string): Reply {
  const words = WORDS[language].cannot;
  return pageReply(
    <Page language={language} title={words.notLoggedInTitle}>
      <p className="ds-paragraph">{words.notLoggedInText}</p>
      <div className="t-actions">
        <ButtonLink href={page}>{words.logIn}</ButtonLink>
      </div>
    </Page>,
    { status: 403 },
  );
}
