/** Forms: all but payload and headers, which HQ does not read from them; names without regard to case, the first of equal ones. */
import type { Fields } from './fields.ts';
import { parseBool, parseWhole, type Values, valuesOf } from './query.ts';
import { badRequest } from './refusal.ts';

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

export function urlEncodedFields(body: string): Fields {
  // Splitting a long form into many pairs would take the platform minutes.
  checkCount(body, /&/g, maxFields);
  return formFields(valuesOf(new URLSearchParams(body)));
}

/**
 * Parts that are files are ignored.
 *
 * @param type the Content-Type header, which names the boundary
 */
export async function multipartFields(body: string, type: string): Promise<Fields> {
  // Each part has one, whatever the boundary is.
  checkCount(body, /content-disposition/gi, maxFields);
  checkCount(body, /\n/g, maxLines);
  const form = await parseForm(body, type);
  return formFields(valuesOf([...form].filter((entry): entry is [string, string] => typeof entry[1] === 'string')));
}

function checkCount(body: string, mark: RegExp, most: number): void {
  let count = 0;
  for (const _ of body.matchAll(mark)) {
    count += 1;
    if (count > most) throw badRequest(`a form may have ${maxFields} fields and ${maxLines} lines`);
  }
}

async function parseForm(body: string, type: string): Promise<FormData> {
  try {
    return await new Response(body, { headers: { 'content-type': type } }).formData();
  } catch {
    throw badRequest('multipart: the body is not a form with the boundary that its Content-Type names');
  }
}
