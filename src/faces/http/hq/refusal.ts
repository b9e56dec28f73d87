/** What HQ's API says when it says no: always `{"status","error"}`, with HQ's own texts. */
import { errorTable, HatstandError } from '../../../core/errors.ts';

/** A refusal with the status and text that HQ's clients know. */
export class HqRefusal extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.name = 'HqRefusal';
    this.status = status;
  }
}

export const badRequest = (message: string): HqRefusal => new HqRefusal(400, message);
export const refused = (message: string): HqRefusal => new HqRefusal(422, message);
export const unknownJob = (id: string): HqRefusal => refused(`Job '${id}' is not found`);
export const unsupportedType = (): HqRefusal => new HqRefusal(415, 'Unsupported Media Type');

/** Status and text for anything thrown; `expected` is false for what no request is to blame for. */
export function refusalOf(thrown: unknown): { readonly status: number; readonly message: string; readonly expected: boolean } {
  if (thrown instanceof HqRefusal) return { status: thrown.status, message: thrown.message, expected: true };
  if (thrown instanceof HatstandError && thrown.code !== 'internal') {
    return { status: errorTable[thrown.code].http, message: thrown.message, expected: true };
  }
  const status = statusOf(thrown);
  if (thrown instanceof Error && status >= 400 && status < 500) {
    return { status, message: status === 415 ? unsupportedType().message : thrown.message, expected: true };
  }
  return { status: 500, message: 'Internal Server Error', expected: false };
}

/** The status that the HTTP framework gives its own errors. */
function statusOf(thrown: unknown): number {
  const status = thrown instanceof Error && 'statusCode' in thrown ? thrown.statusCode : undefined;
  return typeof status === 'number' ? status : 500;
}
