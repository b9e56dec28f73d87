/** docs/api.md, made from the OpenAPI document so that it cannot fall behind. */

import { usual } from './openapi.ts';
import type { Answer, Media, OpenApi, Operation, Parameter, Schema } from './openapi-document.ts';
import { resolve } from './openapi-document.ts';

const head = `# The HTTP API

<!-- Made from the schemas in src/faces/http/v1: UPDATE_DOCS=1 npx vitest run src/faces/http/v1 writes it anew. -->

Everything under \`/v1\`. The same for machines, as strict as the server itself: \`GET /v1/openapi.json\` (OpenAPI 3.1). HQ's own API
at the root: [hq.md](hq.md).

- **Token.** A server that has one wants \`Authorization: Bearer <token>\` with each request; without one it serves its own machine alone.
- **Bodies** are JSON in UTF-8, keys in camelCase. Unknown fields, fields that stand twice, unknown parameters and bodies where none is
  read are refused: a word that was misspelt is not lost in silence.
- **Ids and fences** are decimal numbers as texts: they have more digits than a JavaScript number keeps.
- **Durations** are texts: \`"500ms"\`, \`"30s"\`, \`"1h30m"\`, at most \`3653d\` (ten years).
- **Times** are answered as \`2026-01-31T12:00:00.000Z\`. Those that are sent may have an offset in the place of \`Z\`; without either they
  are in UTC, and a day alone (\`2026-01-31\`) is its beginning.
- **Lengths of texts** are counted in Unicode code points.
- **Refusals** are \`application/problem+json\` (RFC 9457) with a stable \`code\`, which [errors.md](reference/errors.md) lists, and a
  \`detail\` that says what was expected, what came and what to do. Besides the codes named below, every route may answer
  \`invalid_request\` (400), \`unauthorized\` (401), \`forbidden\` (403), \`too_large\` (413), \`internal\` (500), \`store_unavailable\`,
  \`store_failed\`, \`shutting_down\` and \`overloaded\` (503).
- **Every answer** has the header \`X-Hatstand-Version\`.
`;

interface Route extends Operation {
  /** `POST /v1/jobs`. */
  readonly call: string;
}

export function apiReference(document: OpenApi): string {
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]): Route => ({ ...operation, call: `${method.toUpperCase()} ${path}` })),
  );
  const parts = document.tags.flatMap(({ name, description }) => [
    `## ${capital(name)}\n\n${description}`,
    ...routes.filter(({ tags }) => tags.includes(name)).map((route) => routeText(document, route)),
  ]);
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) => schemaText(document, name, schema));
  const refusal = JSON.stringify(resolve(document, { $ref: '#/components/schemas/Problem' }).examples?.[0], null, 2);
  return `${[`${head}\n${http(`400\n\n${refusal}`)}\n\n${contents(document, routes)}`, ...parts, '## Schemas', ...schemas].join('\n\n')}\n`;
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
const anchor = (heading: string): string =>
  heading
    .toLowerCase()
    .replace(/[^\w -]/g, '')
    .replaceAll(' ', '-');

function contents(document: OpenApi, routes: readonly Route[]): string {
  const rows = document.tags.flatMap(({ name }) =>
    routes.filter(({ tags }) => tags.includes(name)).map(({ call, summary }) => `| [\`${call}\`](#${anchor(call)}) | ${cell(summary)} |`),
  );
  return ['| route | |', '| --- | --- |', ...rows].join('\n');
}

function routeText(document: OpenApi, route: Route): string {
  const { call, summary, description, parameters = [], requestBody, responses } = route;
  const bodies = Object.entries(requestBody?.content ?? {});
  const said = description === undefined ? `${summary}.` : `${summary}. ${description}`;
  const asked = bodies.map(([type, { schema }]) => `${shape(document, schema)} as \`${type}\``).join(', or ');
  return [
    `### \`${call}\``,
    said,
    ...(parameters.length === 0
      ? []
      : [
          table(
            ['parameter', 'in', 'type', 'default', 'meaning'],
            parameters.map((each) => parameterRow(document, each)),
          ),
        ]),
    ...(asked === '' ? [] : [`**Body**${requestBody?.required === true ? '' : ' (may be left out)'}: ${asked}.`]),
    ...bodies.flatMap(([, { schema }]) => (schema.properties === undefined ? [] : [fieldTable(document, schema)])),
    table(
      ['status', 'answer'],
      Object.entries(responses).flatMap(([status, answer]) => answerRow(document, status, answer)),
    ),
    ...exampleTexts(route, bodies),
  ].join('\n\n');
}

const row = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
const table = (heads: readonly string[], rows: readonly (readonly string[])[]): string =>
  [row(heads), row(heads.map(() => '---')), ...rows.map(row)].join('\n');
const cell = (text: string): string => text.replaceAll('|', '\\|').replaceAll('\n', ' ');
const code = (value: unknown): string => `\`${cell(typeof value === 'string' ? value : JSON.stringify(value))}\``;

function parameterRow(document: OpenApi, { name, in: place, schema, description = '' }: Parameter): readonly string[] {
  return [code(name), place, cell(kind(document, schema)), schema.default === undefined ? '' : code(schema.default), cell(description)];
}

function answerRow(document: OpenApi, status: string, { description, content = {} }: Answer): readonly (readonly string[])[] {
  const [media] = Object.values(content);
  if (status < '400') return [[status, cell(media === undefined ? description : `${shape(document, media.schema)}. ${description}`)]];
  const own = (media?.['x-codes'] ?? []).filter((each) => !(usual as readonly string[]).includes(each));
  return own.length === 0 ? [] : [[status, own.map(code).join(', ')]];
}

/** What a value is, by the name of its schema where it has one. */
function shape(document: OpenApi, schema: Schema): string {
  const { $ref: reference, anyOf: several, type, items } = schema;
  if (reference !== undefined) return `[${nameOf(reference)}](#${anchor(nameOf(reference))})`;
  if (several !== undefined) return several.map((each) => shape(document, each)).join(' or ');
  if (type === 'array' && items !== undefined)
    return `a list of ${shape(document, items)}${schema.maxItems === undefined ? '' : ` (at most ${schema.maxItems})`}`;
  if (type === 'string' && schema.description !== undefined) return `text (${schema.description.replace(/\.$/, '')})`;
  return kind(document, schema);
}

const nameOf = (reference: string): string => reference.replace('#/components/schemas/', '');

/** A value's type and bounds in a few words. */
function kind(document: OpenApi, schema: Schema): string {
  if (schema.$ref !== undefined) return shape(document, schema);
  if (schema.const !== undefined) return code(schema.const);
  if (schema.enum !== undefined) return schema.enum.map(code).join(', ');
  if (schema.anyOf !== undefined) return schema.anyOf.map((each) => kind(document, each)).join(' or ');
  switch (schema.type) {
    case 'string':
      return textKind(schema);
    case 'integer':
      return `whole number${range(schema.minimum, schema.maximum)}`;
    case 'array':
      return `list of ${kind(document, schema.items ?? {})}`;
    case 'object':
      return objectKind(document, schema);
    case 'boolean':
      return 'true or false';
    case undefined:
      return 'any JSON';
    default:
      return schema.type;
  }
}

function textKind({ title, format, maxLength, 'x-minimum': least, 'x-maximum': most }: Schema): string {
  if (most !== undefined) return `duration${least === '0s' ? '' : ` from ${code(least)}`}${most === '3653d' ? '' : ` up to ${code(most)}`}`;
  if (format === 'date-time') return 'time';
  return `text${title === undefined ? '' : `: ${title.replace(/,$/, '')}`}${maxLength === undefined || title?.includes(String(maxLength)) ? '' : `, at most ${maxLength} characters`}`;
}

function objectKind(document: OpenApi, { properties = {}, additionalProperties: others }: Schema): string {
  if (typeof others === 'object') return `object of ${kind(document, others)}`;
  const names = Object.keys(properties);
  return names.length === 0 ? 'object' : `object with ${names.map(code).join(', ')}`;
}

function range(minimum: number | undefined, maximum: number | undefined): string {
  if (minimum === undefined) return '';
  return maximum === undefined ? `, at least ${minimum}` : ` from ${minimum} to ${maximum}`;
}

/** Every field, those inside objects by their path. */
function schemaText(document: OpenApi, name: string, schema: Schema): string {
  return [`### ${name}`, ...(schema.description === undefined ? [] : [schema.description]), fieldTable(document, schema)].join('\n\n');
}

function fieldTable(document: OpenApi, schema: Schema): string {
  const rows = fieldRows(document, '', schema);
  const hasDefaults = rows.some(([, , fallback]) => fallback !== '');
  const shown = hasDefaults ? rows : rows.map(([field = '', type = '', , meaning = '']) => [field, type, meaning]);
  const heads = hasDefaults ? ['field', 'type', 'default', 'meaning'] : ['field', 'type', 'meaning'];
  return table(heads, shown);
}

function fieldRows(document: OpenApi, path: string, { properties = {} }: Schema): readonly (readonly string[])[] {
  return Object.entries(properties).flatMap(([name, field]) => {
    const full = `${path}${name}`;
    const inner = insideOf(field);
    const fallback = field.default === undefined ? '' : code(field.default === '' ? '""' : field.default);
    return [
      [
        code(full),
        cell(kind(document, field)),
        fallback,
        cell(field.description ?? field.anyOf?.find((each) => each.description !== undefined)?.description ?? ''),
      ],
      ...(inner === undefined ? [] : fieldRows(document, `${full}.`, inner)),
    ];
  });
}

/** The object inside a field: itself, what it may be besides null, or what its list holds. */
function insideOf(field: Schema): Schema | undefined {
  const inside = [field, ...(field.anyOf ?? []), field.items ?? {}];
  return inside.find((each) => each.type === 'object' && each.properties !== undefined);
}

/** The first request with what is answered to it, then the other ones. */
function exampleTexts({ call, parameters = [], responses }: Route, bodies: readonly (readonly [string, Media])[]): readonly string[] {
  const address = addressOf(call, parameters);
  const requests = bodies.flatMap(([type, { examples = {} }]) =>
    Object.values(examples).map(({ summary, value, 'x-status': status }) => {
      const body = typeof value === 'string' ? value.trimEnd() : JSON.stringify(value);
      return { summary, status: String(status), text: `${address}\nContent-Type: ${type}\n\n${body}` };
    }),
  );
  const [first = { text: address, status: Object.keys(responses)[0] ?? '' }, ...others] = requests;
  const example = Object.values(responses[first.status]?.content ?? {})[0]?.example;
  const answered = example === undefined ? '' : typeof example === 'string' ? example.trimEnd() : JSON.stringify(example, null, 2);
  return [
    http(first.text),
    http(answered === '' ? first.status : `${first.status}\n\n${answered}`),
    ...others.map(({ summary, text }) => `${summary}:\n\n${http(text)}`),
  ];
}

const http = (text: string): string => `\`\`\`http\n${text}\n\`\`\``;

/** Method and address with the examples of its parameters. */
function addressOf(call: string, parameters: readonly Parameter[]): string {
  const exampleOf = (name: string): string => String(parameters.find((each) => each.name === name)?.example ?? name);
  const query = parameters.filter((each) => each.in === 'query' && each.example !== undefined);
  const search = query.map(({ name }) => `${name}=${encodeURIComponent(exampleOf(name)).replaceAll('%3A', ':').replaceAll('%20', '+')}`);
  return `${call.replace(/\{(\w+)\}/g, (_, name: string) => exampleOf(name))}${search.length === 0 ? '' : `?${search.join('&')}`}`;
}
