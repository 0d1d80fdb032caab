import type { AppId, Logo } from '#domain';
import { ProblemError } from '#problem';
import type { Stored } from '#storage';
import type { AdminRequest } from '../administer/authorize.js';
import { checkPrecondition, type Precondition } from '../administer/precondition.js';
import { type AccessParts, collectionsOf } from '../parts.js';
import { repeated } from '../repeated.js';
import { authorizeForApplication } from './applications.js';

/** The picture of an application that is no draft, for anybody. @throws ProblemError `application-not-found`, `not-found` */
export async function readLogo(parts: AccessParts, request: AdminRequest, appId: AppId | undefined): Promise<Stored<Logo>> {
  const { application } = await authorizeForApplication(parts, request, appId, 'logo.read');
  const logo = await collectionsOf(parts.store).logos.get(application.value.id);
  if (logo === undefined) throw new ProblemError('not-found');
  return logo;
}

/**
 * Puts a picture in place, or takes it away.
 * @param logo made safe already; `undefined` takes it away
 * @returns its revision; 0 if there is none
 * @throws ProblemError as authorize says; `precondition-failed`
 */
export async function setLogo(
  parts: AccessParts,
  request: AdminRequest,
  appId: AppId | undefined,
  logo: Pick<Logo, 'type' | 'content'> | undefined,
  precondition: Precondition,
): Promise<number> {
  return repeated(async () => {
    const { application, facts } = await authorizeForApplication(parts, request, appId, 'logo.set');
    const { id, tilbyder } = application.value;
    const { logos } = collectionsOf(parts.store);
    const before = await logos.get(id);
    if (logo === undefined) {
      if (before === undefined) return 0;
      checkPrecondition(precondition, before.revision);
      await logos.remove(id, { expect: before.revision, facts: facts('logo.remove') });
      return 0;
    }
    if (before?.value.type === logo.type && before.value.content === logo.content) return before.revision;
    checkPrecondition(precondition, before?.revision ?? 0);
    const { revision } = await logos.put(
      { appId: id, tilbyder, ...logo },
      { expect: before?.revision ?? 'absent', facts: facts('logo.set') },
    );
    return revision;
  });
}
