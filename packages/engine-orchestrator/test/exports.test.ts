import { expect, it } from 'vitest';
import * as ace from '../src/ace/index.ts';
import * as main from '../src/index.ts';
import * as testing from '../src/testing.ts';

it('the package exports exactly this', () => {
  expect({ main: Object.keys(main), ace: Object.keys(ace), testing: Object.keys(testing) }).toEqual({
    main: ['EngineOrchestrator', 'OrchestratorError', 'parseEngineUrl', 'staticRuntime', 'systemClock'],
    ace: ['AceEngineClient', 'AceError', 'aceProbe', 'contentKey', 'parseContentRef', 'rebaseUrl'],
    testing: ['fakeClock', 'fakeProbe', 'fakeRuntime'],
  });
});
