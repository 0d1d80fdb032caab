import type { Day, Instant, Orgnr } from '#domain';

declare const brand: unique symbol;

/** `<vendor's organisation number>_<name>`, without blanks. Never used for another system again. */
export type SystemId = string & { readonly [brand]: 'SystemId' };

/** What a service is called in rights, such as `mva` or `app_skd_arsregnskap`. */
export type ResourceId = string & { readonly [brand]: 'ResourceId' };

/** The last part of `urn:altinn:accesspackage:<name>`. */
export type PackageName = string & { readonly [brand]: 'PackageName' };

/** The languages of the country's own forms. */
export const LANGUAGES = ['nb', 'nn', 'en'] as const;

/** A text in them. */
export interface Texts {
  readonly nb: string;
  readonly nn: string;
  readonly en: string;
}

/** A service that rights are about. */
export interface Resource {
  readonly id: ResourceId;
  readonly owner: Orgnr;
  readonly type: ResourceType;
  readonly title: Texts;
  readonly description: Texts;
  /** What may be done there, such as `read`, `write`, `sign`; at least one. */
  readonly actions: readonly string[];
  /** Whether an organisation may let a system user have it at all. */
  readonly delegable: boolean;
  /** Who of an organisation may let others have it: `tilgangsstyrer` if left out. */
  readonly givenBy?: 'organisasjonsadministrator';
  /** The lowest level of login at which it may be given; `substantial` if left out. */
  readonly level?: 'high';
  /** Its owner's own list: only these organisations may have it. Absent: all. */
  readonly onlyFor?: readonly Orgnr[];
  readonly active: boolean;
  readonly created: Instant;
  readonly updated: Instant;
}

/** As Altinn's resource registry names them. Which of them can be given to system users, policies/systembruker/delegation says. */
export const RESOURCE_TYPES = [
  'AltinnApp',
  'Systemresource',
  'Default',
  'CorrespondenceService',
  'BrokerService',
  'GenericAccessResource',
  'MigratedApp',
  'MaskinportenSchema',
  'Altinn2Service',
  'Consent',
] as const;
/** One of them. */
export type ResourceType = (typeof RESOURCE_TYPES)[number];

/** Services that are given together (tilgangspakke). */
export interface AccessPackage {
  readonly name: PackageName;
  readonly title: Texts;
  readonly description: Texts;
  readonly resources: readonly ResourceId[];
  /** An organisation may give it for itself: for standard system users. */
  readonly assignable: boolean;
  /** It comes from a client's relation and can be passed on: for agents. */
  readonly delegable: boolean;
  readonly active: boolean;
  readonly created: Instant;
  readonly updated: Instant;
}

/** An access to a service: all its actions, or one. */
export interface Right {
  readonly action?: string;
  readonly resources: readonly ResourceId[];
}

/** What a system may ask for, or a system user has. */
export interface Rights {
  readonly rights: readonly Right[];
  readonly packages: readonly PackageName[];
}

/** A vendor's system (fagsystem). */
export interface System extends Rights {
  readonly id: SystemId;
  /** A UUID. */
  readonly internalId: string;
  readonly vendor: Orgnr;
  readonly name: Texts;
  readonly description: Texts;
  /** Clients of the Maskinporten side; each in one living system at most. */
  readonly clientIds: readonly string[];
  readonly redirectUrls: readonly string[];
  /** Customers may choose it themselves. */
  readonly isVisible: boolean;
  /** The client that made the last change, if a client did. */
  readonly changedBy?: string;
  /** Which of its vendor's places it has; absent once deleted, or if it is not counted. */
  readonly seat?: number;
  readonly created: Instant;
  readonly updated: Instant;
  readonly deleted?: Moment;
}

/** When something was done, and how events name who did it. */
export interface Moment {
  readonly at: Instant;
  readonly by: string;
}

/** Where vendors are told what becomes of their requests and system users (RFC 8935). */
export interface Webhook {
  readonly systemId: SystemId;
  readonly vendor: Orgnr;
  readonly url: string;
  /** The last event before it: what came later is told. Absent: there was none. */
  readonly begins?: string;
  readonly created: Instant;
  readonly updated: Instant;
}

/** How far a system's webhook has been told, and what is in the way. */
export interface WebhookDelivery {
  readonly systemId: SystemId;
  readonly vendor: Orgnr;
  /** The event that was told last, or that nothing before it is told; absent: all are. */
  readonly place?: string;
  /** The last event that is known to concern the system. */
  readonly seen?: string;
  /** From when on it is told on; absent: nothing waits. */
  readonly due?: Instant;
  /** How often it has failed since it last went well, since when, and why it did so last. */
  readonly attempts: number;
  readonly failingSince?: Instant;
  readonly cause?: string;
  /** When it was last taken, and how many were refused and passed over. */
  readonly taken?: Instant;
  readonly passedOver: number;
  /** It was in vain for so long that it is not tried any more. */
  readonly stopped?: Instant;
}

/** What stands open until the customer answers, and what it answered. New and past `expires` is over, whether or not it has been written down by then (see RequestEndings). */
export type RequestStatus = 'New' | 'Accepted' | 'Rejected' | 'Timedout';

/**
 * A system user through its whole life, from the request by which a vendor asks for it, or the customer's own wish. One document, so that approval is one write, and that
 * (system, party, externalRef) is in one living one is held by the store.
 */
export interface SystemUser {
  /** A UUID: of the request, and of the system user that it becomes. */
  readonly id: string;
  /** standard acts for its owner, agent for clients of the owner. */
  readonly type: 'standard' | 'agent';
  readonly systemId: SystemId;
  readonly vendor: Orgnr;
  /** The customer: whose it is. */
  readonly party: Orgnr;
  /** The party's number, if the vendor named none. */
  readonly externalRef: string;
  readonly title: string;
  readonly madeBy: 'vendor' | 'customer';
  readonly status: RequestStatus;
  /** What was asked for. */
  readonly asked: Rights;
  /** What it has; nothing until it is accepted. */
  readonly has: Rights;
  readonly redirectUrl?: string;
  /** Somebody without the right to answer has sent it on to those who have. */
  readonly escalated?: Moment;
  /** Exclusive: from then on the request cannot be answered. */
  readonly expires: Instant;
  readonly decided?: Moment;
  /** The customer has stopped it for the time being: no token, no decision. */
  readonly deactivated?: Moment;
  /** Deleted by the customer, given back or withdrawn by the vendor. Its triple is free. */
  readonly removed?: Moment & {
    readonly side: 'customer' | 'vendor';
    /** The id of the one that it was moved into: of another system. */
    readonly into?: string;
  };
  /** Which of the vendor's places with this customer it has, as long as it waits for an answer; absent if it is not counted. */
  readonly seat?: number;
  /** What the vendor has asked to be changed, newest last; a bounded number of them. */
  readonly changes: readonly ChangeRequest[];
  readonly created: Instant;
  readonly updated: Instant;
}

/** That a system user is to have more or less. */
export interface ChangeRequest {
  /** The vendor's correlation id; a UUID. */
  readonly id: string;
  readonly required: Rights;
  readonly unwanted: Rights;
  readonly status: RequestStatus;
  readonly redirectUrl?: string;
  readonly created: Instant;
  /** Exclusive. */
  readonly expires: Instant;
  readonly decided?: Moment;
}

/** That a client has given an organisation packages: by what the registers say of them (regnskapsfører, revisor, forretningsfører), or by its own will. */
export interface ClientRelation {
  readonly provider: Orgnr;
  readonly client: Orgnr;
  readonly source: 'register' | 'given';
  readonly packages: readonly PackageName[];
  /** From when on each of them is given without a break: what an agent was given before does not come to life again. */
  readonly since: Readonly<Record<PackageName, Instant>>;
  /** Exclusive; absent: without end. */
  readonly until?: Instant;
  /** Which of its client's places it has; absent if it is not counted. */
  readonly seat?: number;
  readonly created: Instant;
  readonly updated: Instant;
}

/** That an agent acts for a client of its owner, as long as the relations give every package that the agent has. */
export interface AgentClient {
  readonly systemUserId: string;
  readonly provider: Orgnr;
  readonly client: Orgnr;
  readonly created: Instant;
  /** How events name who did it. */
  readonly by: string;
}

/** The last day on which a system user was used, and what with on that day first: a client that a token was issued to, or a service where it was let do something. */
export interface SystemUserUse {
  readonly systemUserId: string;
  readonly kind: 'token' | 'decision';
  readonly day: Day;
  readonly by: string;
}
