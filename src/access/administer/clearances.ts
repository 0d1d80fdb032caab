import type { AppId, Application } from '#domain';
import type { Stored } from '#storage';
import type { GrantSurroundings } from '../ask/held-roles.js';
import type { AdminRequest, Clearance } from './authorize.js';

/** The application that a clearance is about. */
export function clearedApplication({ application }: Clearance): Application {
  return (application as Stored<Application>).value;
}

/** What the organisation's grants in that application depend on, as authorizing has read it. */
export function surroundingsOf(clearance: Clearance): GrantSurroundings {
  return {
    application: clearedApplication(clearance),
    activated: clearance.activation?.value.active ?? false,
    mayBeKonsument: clearance.organisation.mayBeKonsument,
  };
}

/** Whether an application is among those that the policy lets the caller act on (Clearance.applications). */
export function isReached(applications: ReadonlySet<AppId> | undefined, appId: AppId): boolean {
  return applications === undefined || applications.has(appId);
}

/** How a grant that the caller gives by one request comes about. */
export function sourceOf({ caller }: AdminRequest): 'person' | 'machine' | 'operator' {
  return caller.kind === 'person' || caller.kind === 'operator' ? caller.kind : 'machine';
}
