/** A folder may import itself and what is allowed; nothing else. */
const only = (name: string, from: string, allowed: readonly string[]) => ({
  name,
  severity: 'error',
  from: { path: from },
  to: { pathNot: [from, ...allowed] },
});

/** Rules and options for the cruiser. */
export const LAYERS = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    only('core-is-pure', '^shared/core/', [
      '^node_modules/(zod|decimal\\.js|temporal-polyfill|@marcbachmann/cel-js)/',
      '^crypto$',
    ]),
    {
      name: 'only-fingerprint-hashes',
      severity: 'error',
      from: { path: '^shared/core/', pathNot: '^shared/core/record/fingerprint\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    only('api-knows-the-core', '^shared/api/', ['^shared/core/', '^node_modules/zod/']),
    only('ports-know-the-core', '^shared/ports/', ['^shared/core/']),
    only('pipeline-knows-core-and-ports', '^shared/pipeline/', ['^shared/core/', '^shared/ports/']),
    {
      name: 'adapters-do-not-know-each-other',
      severity: 'error',
      from: { path: '^shared/adapters/([^/]+)/' },
      to: { path: '^shared/adapters/', pathNot: ['^shared/adapters/$1/', '^shared/adapters/http/'] },
    },
    {
      name: 'adapters-do-not-know-the-pipeline',
      severity: 'error',
      from: { path: '^shared/adapters/' },
      to: { path: ['^shared/pipeline/', '^shared/composition', '^functions/'] },
    },
    {
      name: 'composition-alone-constructs-adapters',
      severity: 'error',
      from: { path: '^functions/' },
      to: { path: '^shared/adapters/' },
    },
    {
      name: 'nothing-knows-the-outside',
      severity: 'error',
      from: { path: '^(shared|functions)/' },
      to: { path: '^(local|test|bench|cli|build)/' },
    },
    {
      name: 'simulators-share-nothing-with-the-app',
      severity: 'error',
      from: { path: '^local/simulators/' },
      to: { path: '^(shared|functions)/' },
    },
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    tsPreCompilationDeps: true,
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['import', 'node', 'default', 'types'] },
  },
};
