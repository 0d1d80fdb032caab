// The information model of the OpenID AuthZEN Authorization API 1.0 (§5).

/** Attributes that a caller tells; any JSON values. */
export type Properties = Readonly<Record<string, unknown>>;

/** A subject or a resource. */
export interface Entity {
  readonly type: string;
  readonly id: string;
  readonly properties?: Properties;
}

/** What is to be done. */
export interface Action {
  readonly name: string;
  readonly properties?: Properties;
}

/** May the subject do that to the resource? */
export interface Evaluation {
  readonly subject: Entity;
  readonly action: Action;
  readonly resource: Entity;
  readonly context?: Properties;
}

/** Yes or no, and what more the caller may be told. */
export interface Outcome {
  readonly decision: boolean;
  readonly context?: Properties;
}

/** What is searched for has a type and no id. */
export type Sought = Pick<Entity, 'type' | 'properties'>;

/** What tells one that is found from the others of its kind. */
export function nameOf(one: Entity | Action): string {
  return 'id' in one ? one.id : one.name;
}
