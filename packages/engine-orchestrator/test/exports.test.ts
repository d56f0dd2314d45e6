import { expect, it } from 'vitest';
import * as ace from '../src/ace/index.ts';
import * as docker from '../src/docker/index.ts';
import * as main from '../src/index.ts';
import * as testing from '../src/testing.ts';

function names(module: object): string[] {
  return Object.keys(module).sort();
}

it('the package exports exactly this', () => {
  expect({ main: names(main), ace: names(ace), docker: names(docker), testing: names(testing) }).toEqual({
    main: ['EngineOrchestrator', 'OrchestratorError', 'parseEngineUrl', 'staticRuntime', 'systemClock'],
    ace: [
      'AceEngineClient',
      'AceError',
      'aceContainer',
      'aceProbe',
      'aceVariants',
      'contentKey',
      'parameterFault',
      'parseBytes',
      'parseContentRef',
      'rebaseUrl',
      'variantFor',
    ],
    docker: ['DockerError', 'daemonAddress', 'dockerConfigLogins', 'dockerRuntime'],
    testing: ['fakeClock', 'fakeProbe', 'fakeRuntime'],
  });
});
