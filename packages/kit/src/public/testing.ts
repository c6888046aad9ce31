export { type AdapterHarness, adapterContract } from '../testing/contracts/adapter.ts';
