import { render } from 'preact';
import './shell/tokens.css';
import './shell/base.css';
import './shell/shell.css';
import './parts/parts.css';
import { followLinks } from './lib/address.ts';
import { startTheme } from './lib/theme.ts';
import { startClock } from './lib/time.ts';
import { Shell } from './shell/shell.tsx';

startTheme();
startClock();
followLinks();
const root = document.getElementById('app');
if (root) render(<Shell />, root);
