export { type AdapterHarness, adapterContract } from '../testing/contracts/adapter.ts';
export { compare, type Difference, renderDifferences } from '../testing/golden/compare.ts';
export {
  checkFlow,
  type GoldenFlow,
  type GoldenOptions,
  type GoldenReport,
  type GoldenRun,
  golden,
  type NamedDifference,
  updateFlow,
} from '../testing/golden/golden.ts';
export { type GoldenRule, type GoldenRules, type Json, normalise } from '../testing/golden/rules.ts';
