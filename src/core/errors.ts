/**
 * The one error class, and the table of its codes: for what a caller did wrong, and for what is refused. A guard that
 * failed is a value (see transitions.ts), and any other error that is thrown is a bug (HTTP 500, exit 70).
 */

interface ErrorKind {
  readonly http: number;
  /** Exit code of the CLI. */
  readonly exit: number;
  readonly title: string;
}

/** Codes are part of the contract: they are documented, never renamed, never reused. */
export const errorTable = {
  invalid_json: { http: 400, exit: 2, title: 'The body is not valid JSON' },
  invalid_request: { http: 400, exit: 2, title: 'The request is not valid' },
  invalid_filter: { http: 400, exit: 2, title: 'The filter is not valid' },
  malformed_trigger: { http: 400, exit: 2, title: 'The trigger is malformed' },
  unknown_trigger: { http: 400, exit: 2, title: 'There is no such type of trigger' },
  invalid_cursor: { http: 400, exit: 2, title: 'The cursor is not valid' },
  unauthorized: { http: 401, exit: 4, title: 'A valid token or signature is needed' },
  forbidden: { http: 403, exit: 4, title: 'The request is not allowed from there' },
  not_found: { http: 404, exit: 5, title: 'There is no such thing' },
  unknown_worker: { http: 404, exit: 5, title: 'There is no such worker' },
  method_not_allowed: { http: 405, exit: 2, title: 'The method is not allowed here' },
  conflict: { http: 409, exit: 6, title: 'The state does not allow it' },
  queue_closed: { http: 409, exit: 6, title: 'The queue takes no jobs' },
  attempt_lost: { http: 409, exit: 6, title: 'The attempt is not held any more' },
  too_large: { http: 413, exit: 2, title: 'The request is too large' },
  unsupported_media_type: { http: 415, exit: 2, title: 'The content type is not supported' },
  unreadable: { http: 422, exit: 6, title: 'The record cannot be read' },
  awaited_missing: { http: 422, exit: 5, title: 'There is no such job to wait for' },
  message_missing: { http: 422, exit: 2, title: 'The worker needs a message' },
  message_invalid: { http: 422, exit: 2, title: 'The message is not what the worker takes' },
  key_reused: { http: 422, exit: 6, title: 'The idempotency key was used for another job' },
  limit_reached: { http: 429, exit: 6, title: 'The limit takes no more jobs now' },
  unconfirmed: { http: 503, exit: 3, title: 'It is not known whether the store kept it' },
  store_unavailable: { http: 503, exit: 3, title: 'The store is not available' },
  shutting_down: { http: 503, exit: 3, title: 'The server is shutting down' },
  overloaded: { http: 503, exit: 3, title: 'The server has too much to do' },
  store_failed: { http: 503, exit: 3, title: 'The store has failed and the server ends' },
  store_full: { http: 507, exit: 3, title: 'The store is full' },
  init_failed: { http: 500, exit: 70, title: 'A worker could not be initialised' },
  internal: { http: 500, exit: 70, title: 'An unexpected error' },
  unreachable: { http: 503, exit: 3, title: 'The server cannot be reached' },
  invalid_config: { http: 500, exit: 78, title: 'The configuration is not valid' },
  store_in_use: { http: 500, exit: 75, title: 'Another process uses the store' },
  store_unusable: { http: 500, exit: 78, title: 'The store cannot be used' },
  address_in_use: { http: 500, exit: 75, title: 'The address is already in use' },
} as const satisfies Record<string, ErrorKind>;

export type ErrorCode = keyof typeof errorTable;

/** A fault that its receiver can act on; the message says what was expected, what came and what to do. */
export class HatstandError extends Error {
  readonly code: ErrorCode;
  /** Facts for machines: the field, the limit, the state that refused. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(code: ErrorCode, message: string, details: Readonly<Record<string, unknown>> = {}, options?: ErrorOptions) {
    super(message, options);
    this.name = 'HatstandError';
    this.code = code;
    this.details = details;
  }
}

/** A store may take the same call later: it is away, it may have taken it already, or it is full. */
const temporary: readonly ErrorCode[] = ['store_unavailable', 'unconfirmed', 'store_full'];

export const isTemporary = (error: unknown): boolean => error instanceof HatstandError && temporary.includes(error.code);

/**
 * The message of anything that can be thrown, and always a text: what is thrown may be an error with a message that is none,
 * an object that refuses to become a text, or a proxy that refuses everything.
 */
export function messageOf(thrown: unknown): string {
  try {
    const told: unknown = thrown instanceof Error ? thrown.message : thrown;
    return typeof told === 'string' ? told : String(told);
  } catch {
    return 'what was thrown cannot be read';
  }
}
