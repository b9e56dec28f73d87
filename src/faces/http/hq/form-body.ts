/** Forms: all but payload and headers, which HQ does not read from them; names without regard to case, the first of equal ones. */

import { countingLook, type Look } from '../receiving.ts';
import type { Fields } from './fields.ts';
import { parseBool, parseWhole, type Values, valuesOf } from './query.ts';
import { badRequest, type HqRefusal } from './refusal.ts';

export function formFields(values: Values): Fields {
  return {
    text: (name) => values.get(name) ?? '',
    whole: (name) => Number(parseWhole(values.get(name) ?? '', 'ParseInt')),
    flag: (name) => parseBool(values.get(name) ?? ''),
    texts: () => null,
    json: () => null,
  };
}

/** A job has seven fields; what a form has beside them is ignored, but it is read. */
const maxFields = 1_000;
/** More than the longest comment has. */
const maxLines = 70_000;

const tooMany = (): HqRefusal => badRequest(`a form may have ${maxFields} fields and ${maxLines} lines`);

/** Splitting a long form into many pairs would take the platform minutes. */
export const lookAtPairs = (): Look => countingLook(0x26, maxFields, tooMany);
export const lookAtFormLines = (): Look => countingLook(0x0a, maxLines, tooMany);

/** Its pairs must have been counted. */
export function urlEncodedFields(body: string): Fields {
  return formFields(valuesOf(new URLSearchParams(body)));
}

/**
 * Parts that are files are ignored. Its lines must have been counted.
 *
 * @param type the Content-Type header, which names the boundary
 */
export async function multipartFields(body: string, type: string): Promise<Fields> {
  // Each part has one, whatever the boundary is.
  let count = 0;
  for (const _ of body.matchAll(/content-disposition/gi)) {
    count += 1;
    if (count > maxFields) throw tooMany();
  }
  const form = await parseForm(body, type);
  return formFields(valuesOf([...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')));
}

async function parseForm(body: string, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest('multipart: the body is not a form with the boundary that its Content-Type names');
  }
}
