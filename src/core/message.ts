/** Messages of workers: JSON as it is, or in the envelope in which cozy-stack once kept it. */
import { messageOf } from './errors.ts';

/** `{"Data": base64 of JSON, "Type": "json"}`, and nothing else in it. */
interface Envelope {
  readonly Data: string;
  readonly Type: 'json';
}

function isEnvelope(value: unknown): value is Envelope {
  if (typeof value !== 'object' || value === null || !('Data' in value) || !('Type' in value)) return false;
  return value.Type === 'json' && typeof value.Data === 'string' && Object.keys(value).length === 2;
}

/** The message itself. Throws for an envelope whose `Data` is no base64 of JSON. */
export function messageIn(value: unknown): unknown {
  if (!isEnvelope(value)) return value;
  try {
    const bytes = Uint8Array.from(atob(value.Data), (character) => character.charCodeAt(0));
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (error) {
    throw new Error(`the Data of a message of the Type "json" must be base64 of JSON: ${messageOf(error)}`);
  }
}
