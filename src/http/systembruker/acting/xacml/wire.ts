import { type Evaluation, type Item, type Outcome, RESOURCE, SYSTEM_USER } from '#access';
import { present } from '#domain';
import { RESOURCE_URN } from '#systembruker';
import type { Category, CategoryName, SentQuestion } from './request.js';
import type { components } from './wire.gen.js';

type Result = components['schemas']['Result'];

const SYSTEM_USER_ID = 'urn:altinn:systemuser:uuid';
const [APP_OWNER, APP] = ['urn:altinn:org', 'urn:altinn:app'];
/** The second is what Altinn called it before. */
const ORGANISATION = ['urn:altinn:organization:identifier-no', 'urn:altinn:organizationnumber'] as const;
const ACTION = 'urn:oasis:names:tc:xacml:1.0:action:action-id';

const STATUS = 'urn:oasis:names:tc:xacml:1.0:status:';
/** No longer text is looked for. */
const LONGEST = 1000;

/** A question as all others are asked, or what is wrong with it as its result. */
export type Asked = Evaluation | { readonly result: Result };

/** What one question asks. */
export function askedBy(question: SentQuestion): Asked {
  const of = (name: CategoryName): readonly Category[] => question.filter((one) => one.name === name);
  const subject = valueOf(of('AccessSubject'), SYSTEM_USER_ID);
  const action = valueOf(of('Action'), ACTION);
  const orgnr = valueOf(of('Resource'), ...ORGANISATION);
  const service = serviceIn(of('Resource'));
  const fault = [subject, action, service, orgnr].find((one) => typeof one === 'object');
  if (fault !== undefined) return { result: { decision: 'Indeterminate', status: fault } };
  return {
    subject: { type: SYSTEM_USER, id: subject as string },
    action: { name: action as string },
    resource: { type: RESOURCE, id: service as string, properties: { orgnr } },
  };
}

type Status = Result['status'];

/** The one value of an attribute, by any of its names. */
function valueOf(categories: readonly Category[], ...ids: readonly string[]): string | Status {
  const values = new Set(categories.flatMap(({ attributes }) => attributes.filter(({ id }) => ids.includes(id))).map(({ value }) => value));
  const [value] = values;
  if (values.size === 0) return statusOf('missing-attribute', `${ids[0]} is missing`);
  if (values.size > 1) return statusOf('syntax-error', `${ids[0]} has more than one value`);
  if (typeof value === 'string' && value.length <= LONGEST && value.isWellFormed()) return value;
  return statusOf('syntax-error', `${ids[0]} must be a text of at most ${LONGEST} characters`);
}

/** The service; an app, if it is told as one. */
function serviceIn(categories: readonly Category[]): string | Status {
  const [owner, app, service] = [
    valueOf(categories, APP_OWNER as string),
    valueOf(categories, APP as string),
    valueOf(categories, RESOURCE_URN),
  ];
  const ofApp = typeof owner === 'string' && typeof app === 'string' ? `app_${owner}_${app}` : undefined;
  if (ofApp === undefined || typeof service === 'object') return ofApp ?? service;
  return ofApp === service ? service : statusOf('syntax-error', `${RESOURCE_URN} is another service than ${APP_OWNER} and ${APP} name`);
}

/** The questions that are to be answered, as a list of AuthZEN's. */
export function itemsOf(asked: readonly Asked[]): readonly Item[] {
  return asked.filter((one) => !('result' in one)) as readonly Evaluation[];
}

/** The answer. @param outcomes of those that were asked, in their order */
export function responseOf(
  questions: readonly SentQuestion[],
  asked: readonly Asked[],
  outcomes: readonly Outcome[],
): components['schemas']['DecisionResponse'] {
  let at = 0;
  const response = asked.map((one, i) => {
    const result = 'result' in one ? one.result : resultOf(outcomes[at++] as Outcome);
    return present({ ...result, category: includedOf(questions[i] as SentQuestion) });
  });
  return { response };
}

function resultOf({ decision, context = {} }: Outcome): Result {
  const { error, reasons } = context as {
    readonly error?: { readonly status: number; readonly message: string };
    readonly reasons?: readonly string[];
  };
  if (error !== undefined) {
    return { decision: 'Indeterminate', status: statusOf(error.status < 500 ? 'syntax-error' : 'processing-error', error.message) };
  }
  return { decision: decision ? 'Permit' : 'NotApplicable', status: statusOf('ok', reasons?.join(' ')) };
}

function statusOf(code: string, statusMessage?: string): Status {
  return present({ statusMessage, statusCode: { value: STATUS + code } });
}

function includedOf(question: SentQuestion): Result['category'] {
  const categories = question.flatMap(({ categoryId, attributes }) => {
    const attribute = attributes.flatMap(({ id, value, dataType, isIncluded }) =>
      isIncluded && typeof value === 'string' ? present({ attributeId: id, value, dataType }) : [],
    );
    return attribute.length === 0 ? [] : [{ categoryId, attribute }];
  });
  return categories.length === 0 ? undefined : categories;
}
