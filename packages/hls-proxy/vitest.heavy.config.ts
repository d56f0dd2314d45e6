import type { ViteUserConfig } from 'vitest/config';
import { testConfig } from '../../vitest.base.ts';

const config: ViteUserConfig = testConfig('heavy');
export default config;
