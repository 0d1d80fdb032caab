/** Why a text is not what it should be. Returned, not thrown: the caller knows which field or line it stood in. */
export class Fault {
  readonly detail: string;

  /** @param detail a sentence without the offending value */
  constructor(detail: string) {
    this.detail = detail;
  }
}

/** Whether a parser has answered a Fault instead of what was asked for. */
export function isFault(value: unknown): value is Fault {
  return value instanceof Fault;
}
