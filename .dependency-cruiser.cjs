/** What a thread of the SQLite store may import beside its own folder. */
const sqliteThread = ['core', 'ports', 'stores/[^/]+[.]ts', 'stores/sqlite/file', 'stores/sqlite/calls'];

/** What a noun of the Redis store may import beside its own folder. */
const redisNoun = ['core', 'ports', 'stores/[^/]+[.]ts', 'stores/redis/(driver/driver[.]ts|format|frame)'];

/** The arrows of ARCHITECTURE.md, as rules. Everybody may import their own folder and failpoint.ts, and nothing else but: */
const arrows = {
  core: [],
  ports: ['core'],
  engine: ['core', 'ports'],
  'stores/memory': ['core', 'ports', 'stores/[^/]+[.]ts'],
  'stores/sqlite': ['core', 'ports', 'stores/[^/]+[.]ts'],
  'stores/spool': ['core', 'ports', 'stores/sqlite/file/(faults|own-rights)[.]ts'],
  // Inside: what all threads share, then each thread apart.
  'stores/sqlite/file': ['core', 'ports', 'stores/[^/]+[.]ts'],
  'stores/sqlite/calls': ['core', 'ports', 'stores/[^/]+[.]ts', 'stores/sqlite/file'],
  'stores/sqlite/main': sqliteThread,
  'stores/sqlite/writer': sqliteThread,
  'stores/sqlite/reader': sqliteThread,
  'stores/redis': ['core', 'ports', 'stores/[^/]+[.]ts'],
  // Inside: what is kept and how calls travel, then each noun apart.
  'stores/redis/driver': ['core', 'ports'],
  'stores/redis/format': ['core', 'stores/redis/driver/driver[.]ts'],
  'stores/redis/frame': ['core', 'ports', 'stores/[^/]+[.]ts', 'stores/redis/(driver/driver[.]ts|format)'],
  'stores/redis/jobs': redisNoun,
  'stores/redis/queues': redisNoun,
  'stores/redis/limits': redisNoun,
  'stores/redis/nodes': redisNoun,
  'stores/redis/definitions': redisNoun,
  'stores/redis/journal': redisNoun,
  'stores/redis/upkeep': redisNoun,
  executors: ['core', 'ports'],
  sandboxes: ['core', 'ports'],
  links: ['core', 'ports'],
  system: ['core', 'ports'],
  config: ['core'],
  'distributed-task': ['core', 'ports', 'library', 'hatstand[.]ts', 'system', 'engine/(loop|outage)[.]ts'],
  'faces/http': ['core', 'engine/api'],
  'faces/client': ['core'],
  'faces/cli': ['core', 'faces/client', 'config', 'config[.]ts', 'build[.]ts'],
};

/** `serve` is the command that is a server. */
const serve = '^src/faces/cli/serve[^/]*[.]ts$';
const tests = '[.](test|suite)[.]ts$|^src/(stores|sandboxes)/conformance/|^test/';
const pure = '^src/(core|ports|engine)/';

const placeOf = (path) => (path.endsWith('.ts') ? `^src/${path}$` : `^src/${path}/`);

const arrowRules = Object.entries(arrows).map(([from, allowed]) => ({
  name: `${from} imports ${allowed.length === 0 ? 'nothing' : `only ${allowed.join(', ').replaceAll('[.]', '.').replaceAll('[^/]+', '*')}`}`,
  severity: 'error',
  from: { path: placeOf(from), pathNot: from === 'faces/cli' ? [tests, serve] : [tests] },
  to: { path: '^src/', pathNot: [placeOf(from), '^src/failpoint[.]ts$', ...allowed.map((path) => `^src/${path}(/|$)`)] },
}));

module.exports = {
  forbidden: [
    ...arrowRules,
    {
      name: 'core, ports and engine import no packages and nothing of Node',
      severity: 'error',
      from: { path: pure, pathNot: [tests] },
      to: { pathNot: '^src/' },
    },
    {
      name: 'ports know core as types only',
      severity: 'error',
      from: { path: '^src/ports/', pathNot: [tests] },
      to: { path: '^src/core/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'serve adds compose to what the command line imports',
      severity: 'error',
      from: { path: serve },
      to: { path: '^src/', pathNot: ['^src/(core|config|system|faces/(cli|client))/', '^src/(compose|config|build|failpoint)[.]ts$'] },
    },
    {
      name: 'what is shipped imports no test',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests] },
      to: { path: tests },
    },
    { name: 'no cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'no orphans: somebody imports it, or it is where something starts',
      severity: 'error',
      from: { orphan: true, pathNot: [tests, '[.]d[.]ts$'] },
      to: {},
    },
    {
      name: 'everything imported exists',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true },
    },
    {
      name: 'what is shipped needs no development package',
      severity: 'error',
      from: { path: '^src/', pathNot: [tests] },
      to: { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'], dependencyTypesNot: ['type-only'] },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '^src/faces/ui/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.d.ts'],
    },
  },
};
