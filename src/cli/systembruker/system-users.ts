/** A system user, or a request for one, as far as a command tells of it. */
export interface ToldUser {
  readonly id: string;
  readonly type: string;
  readonly title: string;
  readonly system: string;
  /** Whose it is, or is to be. */
  readonly customer: string;
  readonly externalRef: string;
  /** New, Accepted, Rejected, Timedout; or `stopped`: the customer has deactivated it. */
  readonly status: string;
  readonly rights: readonly string[];
  readonly packages: readonly string[];
  /** Where the customer answers, of a request. */
  readonly confirmUrl?: string;
}

/** What has become of one. */
export interface ToldEvent {
  readonly at: string;
  readonly action: string;
  /** vendor, customer or operator. */
  readonly side: string;
}

/** What a vendor asks a customer for. */
export interface AskedUser {
  readonly system: string;
  readonly customer: string;
  readonly agent: boolean;
  readonly rights: readonly string[];
  readonly packages: readonly string[];
  readonly externalRef?: string;
  readonly title?: string;
  readonly redirectUrl?: string;
}

/** What a customer, or the operator for one, does with a system user; and how a vendor gets rid of one. */
export type UserAct = 'activate' | 'deactivate' | 'delete' | 'give-back' | 'withdraw';

/** The system users of an installation, here or at a gateway somewhere else. */
export interface SystemUsers {
  /** Those of a system, or of the organisation that it is done for. */
  list(system?: string): Promise<readonly ToldUser[]>;
  /** What was asked for: by a system; or, of the organisation, what waits for its answer. */
  requests(system?: string): Promise<readonly ToldUser[]>;
  show(id: string): Promise<{ readonly user: ToldUser; readonly history: readonly ToldEvent[] }>;
  /** `isNew`: there was none in its place, which would have been answered as it stands. */
  ask(asked: AskedUser): Promise<{ readonly user: ToldUser; readonly isNew: boolean }>;
  act(act: UserAct, user: Pick<ToldUser, 'id' | 'type'>): Promise<void>;
  /** Lets the client of a system of the organisation's own have more scopes. @returns the client, and all that it has */
  addScopes(id: string, scopes: readonly string[]): Promise<{ readonly clientId: string; readonly scopes: readonly string[] }>;
  close(): Promise<void>;
}
