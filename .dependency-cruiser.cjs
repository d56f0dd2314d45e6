/** The import rules of docs/architecture.md, as errors. */
const four = '^packages/(mpegts-proxy|hls-proxy|engine-orchestrator|perf-metrics)/';

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
    {
      name: 'libraries-stand-alone',
      comment: 'The four libraries never import each other, an app, or (outside tests) the simulator.',
      severity: 'error',
      from: { path: four, pathNot: ['\\.test\\.ts$', '/test/'] },
      to: { path: '^(packages|apps|checks|examples|bench)/', pathNot: '^packages/$1/' },
    },
    {
      name: 'library-tests-use-only-the-simulator',
      severity: 'error',
      from: { path: four },
      to: { path: '^(packages|apps)/', pathNot: ['^packages/$1/', '^packages/engine-simulator/'] },
    },
    {
      name: 'simulator-stands-alone',
      severity: 'error',
      from: { path: '^packages/engine-simulator/' },
      to: { path: '^(packages|apps|checks|examples|bench)/', pathNot: '^packages/engine-simulator/' },
    },
    {
      name: 'one-composer',
      comment: 'Only compose.ts knows all the libraries; HTTP files see the shapes it hands out.',
      severity: 'error',
      from: {
        path: '^apps/server/src/',
        pathNot: ['^apps/server/src/compose\\.ts$', '^apps/server/src/compose/', '\\.test\\.ts$'],
      },
      to: { path: '^packages/(mpegts-proxy|hls-proxy|engine-orchestrator)/', dependencyTypesNot: ['type-only'] },
    },
    {
      name: 'simulator-only-in-demo',
      severity: 'error',
      from: { path: '^apps/server/src/', pathNot: ['^apps/server/src/demo\\.ts$', '\\.test\\.ts$'] },
      to: { path: '^packages/engine-simulator/' },
    },
    {
      name: 'panel-knows-only-the-api',
      comment: 'The page is built from the description of the API and from nothing of ours.',
      severity: 'error',
      from: { path: '^apps/panel/src/' },
      to: { path: '^(packages|apps|checks|examples|bench)/', pathNot: '^apps/panel/' },
    },
    {
      name: 'nothing-imports-an-app',
      severity: 'error',
      from: { path: '^(packages|examples)/' },
      to: { path: '^apps/' },
    },
    {
      name: 'no-orphans',
      severity: 'error',
      from: {
        orphan: true,
        pathNot: ['\\.(test|config|d)\\.(ts|cjs)$', '^examples/', '^bench/', '^apps/panel/public/', 'vitest'],
      },
      to: {},
    },
    {
      name: 'resolvable',
      comment: 'The types of the API are written by the type check, from the committed description.',
      severity: 'error',
      from: {},
      to: { couldNotResolve: true, pathNot: '^\\./schema\\.d\\.ts$' },
    },
  ],
  options: {
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)(dist|node_modules|coverage|\\.turbo)/' },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.base.json' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['@acestream-orchestrator/source', 'import', 'node', 'default'],
    },
  },
};
