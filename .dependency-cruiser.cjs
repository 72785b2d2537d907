/** Imports point inward: functions -> use-cases -> domain; adapters -> ports, contracts, domain. `test/gates/planted-violations.test.ts` plants a violation of each. */
const rule = (name, from, to, comment) => ({ name, severity: 'error', comment, from, to });

module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'Two modules that need each other are one module.'),
    rule('nothing-unresolved', {}, { couldNotResolve: true }, 'An import that leads nowhere.'),
    rule(
      'domain-is-pure',
      { path: '^shared/domain/' },
      { pathNot: ['^shared/domain/', '^(node:)?(crypto|zlib)$', '^node_modules/(canonicalize|jsonc-parser)/'] },
      'The domain decides; it imports no SDK and does no I/O. node:crypto is for hashes, node:zlib unpacks what is in memory.',
    ),
    rule(
      'ports-know-the-domain',
      { path: '^shared/ports/' },
      { pathNot: ['^shared/(domain|ports)/'] },
      'A port says what the domain needs of the world, in the words of the domain.',
    ),
    rule(
      'contracts-know-domain-and-ports',
      { path: '^shared/contracts/' },
      { pathNot: ['^shared/(domain|ports|contracts)/', '^node_modules/zod/'] },
      'Wire shapes are apart from what handles them.',
    ),
    rule(
      'use-cases-know-no-edge',
      { path: '^shared/use-cases/' },
      { pathNot: ['^shared/(domain|ports|use-cases)/'] },
      'A use case reaches the world through ports only.',
    ),
    rule(
      'adapters-point-inward',
      { path: '^shared/adapters/([^/]+)/' },
      { path: ['^shared/(use-cases|config)', '^shared/adapters/', '^(functions|infra|test)/'], pathNot: ['^shared/adapters/($1|https)/'] },
      'An adapter serves a port; adapters do not know each other, only what carries their calls.',
    ),
    rule(
      'config-is-a-leaf',
      { path: '^shared/config(/|\\.ts$)' },
      { path: '^(shared|functions|infra)/', pathNot: ['^shared/config/'] },
      'Settings are parsed once and know nothing of their users.',
    ),
    rule('nobody-imports-functions', { path: '^(shared|infra)/' }, { path: '^functions/' }, 'Functions are the outermost layer.'),
    rule(
      'product-needs-no-infra',
      { path: '^(functions|shared)/' },
      { path: '^(infra|test)/' },
      'The product runs without its local environment.',
    ),
    rule(
      'product-needs-no-dev-dependency',
      { path: '^(functions|shared)/' },
      { dependencyTypes: ['npm-dev', 'npm-no-pkg', 'npm-unknown'] },
      'What is deployed is in `dependencies`.',
    ),
  ],
  options: {
    parser: 'swc',
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'node', 'default', 'types'],
      extensions: ['.ts', '.js', '.mjs', '.cjs', '.json'],
    },
  },
};
