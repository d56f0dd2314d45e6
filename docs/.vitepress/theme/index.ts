import type { Theme } from 'vitepress';
import defaultTheme from 'vitepress/theme';
import './style.css';

const theme: Theme = defaultTheme;
export default theme;
