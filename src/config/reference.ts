/** docs/reference/config.md, made from the table of keys so that it cannot fall behind. */
import { systemConfigFile } from './given.ts';
import { envName, fileName, flagName, keyNames, keys } from './keys.ts';
import type { Settings } from './settings.ts';

const head = `# Configuration of a server

<!-- Made from src/config/keys.ts: UPDATE_DOCS=1 npx vitest run src/config writes it anew. -->

\`hatstand serve\` takes each key from the last of these that has it:

1. its default, or what a variable \`HATSTAND_DEFAULT_<KEY>\` says in its place (an image or a unit sets some, so that your
   file still counts),
2. the TOML file: the one named by \`-c\`/\`--config-file\`, else by \`HATSTAND_CONFIG\`, else by \`HQ_CONFIG\`, else
   \`${systemConfigFile}\` if it exists; a JSON file is taken for [distributed-task's](../distributed-task.md#configuration),
3. the environment (an empty variable counts as not set; in lists a comma stands between two items),
4. the flags.

Unknown keys, values of a wrong type and values out of range are all told at once, and the server doesn't start
(exit status 78). Paths that don't begin with \`/\` are taken from the folder in which the server is started.

A file with every key at its default:
`;

export function configReference(): string {
  return `${head}
\`\`\`toml
${keyNames
  .filter((name) => name !== 'idEpoch')
  .map(tomlLine)
  .join('\n')}
\`\`\`

| key | type | default | environment | flag | meaning |
| --- | --- | --- | --- | --- | --- |
${keyNames.map(row).join('\n')}
${tail}`;
}

const tail = `
## Workers

In the file alone, what a node does of its workers. A server has one, \`http\`, which runs HTTP jobs; of a [node inside a
program](../library.md#workers-from-a-file) it says the same for functions.

\`\`\`toml
workers = true                # false: no worker runs here; jobs can be pushed all the same
only_workers = ["http"]       # the only ones that run here; all when it is left out

[worker.http]
off = false                   # true: this one does not run here
concurrency = 64              # how many jobs at once, in the place of dispatchers and max_workers
\`\`\`

A table for a worker that nobody has is told in the log (\`worker.missing\`).
`;

function tomlLine(name: keyof Settings): string {
  const line = `${fileName(name)} = ${tomlDefault(name)}`;
  return keys[name].defaultText?.startsWith('the ') ? `# ${fileName(name)}: ${keys[name].defaultText}` : line;
}

function tomlDefault(name: keyof Settings): string {
  const { default: value, defaultText } = keys[name];
  return defaultText ?? (value === null ? '""' : JSON.stringify(value));
}

function row(name: keyof Settings): string {
  const { kind, hqEnv = [], short, synonym, brief, more, defaultText } = keys[name];
  const shownDefault = defaultText?.startsWith('the ') ? defaultText : `\`${tomlDefault(name)}\``;
  const variables = [envName(name), ...hqEnv].map((variable) => `\`${variable}\``).join(', ');
  const flags = [...(short === undefined ? [] : [`-${short}`]), flagName(name), ...(synonym === undefined ? [] : [`--${synonym.flag}`])];
  const meaning = `${brief.charAt(0).toUpperCase()}${brief.slice(1)}. ${more}`.trim();
  return `| \`${fileName(name)}\` | ${kind.label} | ${shownDefault} | ${variables} | ${flags.map((flag) => `\`${flag}\``).join(', ')} | ${meaning} Must be ${kind.expected}. |`;
}
