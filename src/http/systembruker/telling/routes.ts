import type { AdminRequest } from '#access';
import { present } from '#domain';
import {
  listTold,
  putWebhook,
  type Receivers,
  readWebhook,
  removeWebhook,
  type SystembrukerSide,
  type SystemId,
  type Told,
  toldBody,
  type WebhookView,
} from '#systembruker';
import type { AdminExchange } from '../../admin-api.js';
import type { Api } from '../../api.js';
import type { ApiParts, DescribedApi } from '../../described-api.js';
import { etagOf, ifMatchSent } from '../../preconditions.js';
import type { Reply } from '../../state.js';
import { altinnApi } from '../altinn-api.js';
import { nextOf } from '../user-wire.js';
import type { components, operations } from './wire.gen.js';

type Wire<Name extends keyof components['schemas']> = components['schemas'][Name];
type Query<Id extends keyof operations> = NonNullable<operations[Id]['parameters']['query']>;
type Ask<Sent = unknown, Body = undefined> = AdminExchange<Body, Sent>;

const BASE = '/authentication/api/v1';

/** What vendors are told. It shares a mount with the system register, and stands before it. */
export function tellingApi(parts: ApiParts, { origin, receivers = { networks: [], isTrial: false } }: SystembrukerSide): Api {
  const handlers = { ...webhookHandlers(receivers), ...feedHandlers(origin) };
  return altinnApi(import.meta.url, parts, handlers, [`${BASE}/systemuser/vendor/events`, `${BASE}/systemregister`]);
}

function webhookHandlers(receivers: Receivers): DescribedApi<AdminRequest>['handlers'] {
  const idOf = ({ params }: Pick<Ask, 'params'>): SystemId => (params['systemId'] ?? '') as SystemId;
  return {
    async readWebhook(ask: Ask) {
      return webhookOut(await readWebhook(ask.access, ask.request, idOf(ask)));
    },
    async putWebhook(ask: Ask<unknown, Wire<'NewWebhook'>>) {
      const parts = { ...ask.access, receivers };
      return webhookOut(await putWebhook(parts, ask.request, idOf(ask), ask.body.url, ifMatchSent(ask.ctx)));
    },
    async removeWebhook(ask: Ask) {
      await removeWebhook(ask.access, ask.request, idOf(ask), ifMatchSent(ask.ctx));
      return { status: 204 };
    },
  };
}

function webhookOut({ webhook, delivery }: WebhookView): Reply {
  const { systemId, url, created, updated } = webhook.value;
  const { attempts = 0, stopped, due, taken, failingSince, cause, passedOver = 0 } = delivery ?? {};
  const state: Wire<'Webhook'>['state'] = stopped !== undefined ? 'stopped' : attempts > 0 ? 'failing' : 'ok';
  const body: Wire<'Webhook'> = present({
    systemId,
    url,
    created,
    updated,
    state,
    isWaiting: due !== undefined || stopped !== undefined,
    lastTaken: taken,
    failingSince,
    cause,
    nextAttempt: attempts > 0 ? due : undefined,
    passedOver,
  });
  return { status: 200, headers: { ETag: etagOf(webhook.revision) }, body };
}

function feedHandlers(origin: string): DescribedApi<AdminRequest>['handlers'] {
  return {
    async listEvents({ ctx, access, request, query }: Ask<Query<'listEvents'>>) {
      const { 'system-id': systemId, token, limit = 50 } = query;
      const { items, next, later } = await listTold(access, request, systemId as SystemId, present({ limit, cursor: token }));
      const body: Wire<'EventPage'> = {
        links: present({ next: nextOf(origin, ctx, next), later: nextOf(origin, ctx, later) }),
        data: items.map(toldOut),
      };
      return { status: 200, body };
    },
  };
}

function toldOut(told: Told): Wire<'Event'> {
  return { id: told.id, time: told.at, occurrences: [...told.occurrences], ...toldBody(told) };
}
