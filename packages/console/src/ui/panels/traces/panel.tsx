import { path } from '../../lib/address.ts';
import type { Panel } from '../panel.ts';
import { CompareRanges } from './compare-ranges.tsx';
import { CompareTraces } from './compare-traces.tsx';
import { Search } from './search.tsx';
import { Trace } from './trace.tsx';
import './traces.css';

function View() {
  const below = path.value.slice('/traces/'.length);
  if (below === '') return <Search />;
  if (below === 'compare') return <CompareTraces />;
  if (below === 'ranges') return <CompareRanges />;
  return <Trace key={below} id={below} />;
}

export const panel: Panel = {
  title: 'Traces',
  path: '/traces',
  order: 20,
  key: 't',
  icon: 'M4 6h11 M7 12h9 M11 18h9',
  View,
};
