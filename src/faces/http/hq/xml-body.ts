/**
 * XML as HQ's decoder (Go's encoding/xml) reads it. The elements right below the root are the fields, named as in HQ's Go
 * structs, with regard to case; of the root's name, prefixes, attributes and other elements nothing is kept, of equal names
 * the last counts, and what follows the root is not looked at. Entities that a document declares are never expanded.
 */
import { SaxesParser, type XMLDecl } from 'saxes';
import { JsonScan } from '../../../core/json-scan.ts';
import { inSteps } from '../long-work.ts';
import type { Fields } from './fields.ts';
import { checkDepth } from './json-body.ts';
import { parseBool, parseWhole, type Values } from './query.ts';
import { badRequest } from './refusal.ts';

/** By the element's name: the field's. */
const fieldNames: ReadonlyMap<string, string> = new Map([
  ['Name', 'name'],
  ['Comment', 'comment'],
  ['URL', 'url'],
  ['Payload', 'payload'],
  ['Headers', 'headers'],
  ['Timeout', 'timeout'],
  ['Copy', 'copy'],
]);

/** How deep elements may nest. */
const maxDepth = 1_000;
/** Characters that the parser gets at a time. After the root only the end of its input stops it, so it must not get all at once. */
const pieceLength = 16_384;

export async function xmlFields(body: string): Promise<Fields> {
  const values = await readElements(body);
  const text = (name: string): string => values.get(name) ?? '';
  const payload = text('payload').trim();
  const scan = new JsonScan(payload);
  await inSteps(() => scan.step(pieceLength));
  return {
    text,
    whole: (name) => Number(parseWhole(text(name).trim(), 'ParseInt')),
    flag: (name) => parseBool(text(name).trim()),
    texts(name) {
      // HQ's decoder has no XML form for them.
      if (values.has(name)) throw badRequest('unknown type map[string]string');
      return null;
    },
    json(name) {
      if (name !== 'payload' || payload === '' || payload === 'null') return null;
      checkDepth(scan.deepest);
      if (scan.expected !== null) throw badRequest(`${name} must be JSON; it is not at position ${scan.position}`);
      return payload;
    },
  };
}

/** The text of each field's element, without that of elements inside it. */
async function readElements(body: string): Promise<Values> {
  const values = new Map<string, string>();
  const parser = new SaxesParser({ position: false });
  let depth = 0;
  let field: string | undefined;
  let isOver = false;

  const take = (text: string): void => {
    if (field !== undefined && depth === 2) values.set(field, (values.get(field) ?? '') + text);
  };
  const fail = (fault: string): void => {
    if (!isOver) throw badRequest(`Syntax error: line=${parser.line}, error=XML syntax error on line ${parser.line}: ${fault}`);
  };
  parser.on('xmldecl', checkDeclaration);
  parser.on('opentag', ({ name }) => {
    if (isOver) return;
    depth++;
    if (depth > maxDepth) throw badRequest(`exceeded max depth: elements may nest ${maxDepth} levels`);
    if (depth !== 2) return;
    field = fieldNames.get(name.slice(name.indexOf(':') + 1));
    if (field !== undefined) values.set(field, '');
  });
  parser.on('text', take);
  parser.on('cdata', take);
  parser.on('closetag', () => {
    depth--;
    if (depth < 2) field = undefined;
    if (depth === 0) isOver = true;
  });
  parser.on('error', ({ message }) => fail(message));
  let at = 0;
  await inSteps(() => {
    parser.write(body.slice(at, at + pieceLength));
    at += pieceLength;
    return at < body.length && !isOver;
  });
  if (isOver) return values;
  parser.on('error', () => fail('unexpected EOF'));
  parser.close();
  return values;
}

function checkDeclaration({ version, encoding }: XMLDecl): void {
  if (version !== undefined && version !== '1.0') {
    throw badRequest(`xml: unsupported version ${JSON.stringify(version)}; only version 1.0 is supported`);
  }
  if (encoding !== undefined && encoding.toLowerCase() !== 'utf-8') {
    throw badRequest(`xml: encoding ${JSON.stringify(encoding)} declared; only UTF-8 is supported`);
  }
}
