/** Registers, filters, audits and rebuilds argv[2] small assets in the folder argv[3], and says what each took, in ms. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKit, loadConfig, openAssets } from 'plimsoll/kit';

const [, , count = '1000', root = ''] = process.argv;
const total = Number(count);
const TYPES = ['images', 'audio', 'notes', 'scenes', 'props'];
const LICENSES = ['CC0', 'CC-BY', 'MIT', 'unknown'];
const FOLDER = 500;
const AT_ONCE = 64;

const took: Record<string, number> = {};
async function time<R>(name: string, fn: () => Promise<R>): Promise<R> {
  const began = performance.now();
  const result = await fn();
  took[name] = Math.round((performance.now() - began) * 10) / 10;
  return result;
}

/** The median of eleven, after one that warms up. */
async function median(name: string, fn: () => Promise<unknown>): Promise<void> {
  const times: number[] = [];
  await fn();
  for (let n = 0; n < 11; n += 1) {
    const began = performance.now();
    await fn();
    times.push(performance.now() - began);
  }
  took[name] = Math.round((times.sort((a, b) => a - b)[5] as number) * 100) / 100;
}

const folder = join(root, 'assets');
const pathOf = (n: number) => `${TYPES[n % TYPES.length]}/${Math.floor(n / FOLDER)}/${n}.txt`;
for (let n = 0; n < total; n += 1) {
  if (n % FOLDER < TYPES.length) mkdirSync(join(folder, pathOf(n), '..'), { recursive: true });
  writeFileSync(join(folder, pathOf(n)), `asset ${n}`);
}
const config = loadConfig({ code: { runtimeRoot: root, log: { level: 'warn' } }, env: {}, argv1: undefined });
const kit = createKit({ config });
const assets = await openAssets(kit, { root: folder, dbPath: join(root, 'assets.db') });

await time('register', async () => {
  let next = 0;
  const worker = async (): Promise<void> => {
    for (let n = next++; n < total; n = next++) {
      const tags = [`shade${n % 7}`, `batch${n % 100}`, 'All'];
      const metadata = {
        tags,
        license: LICENSES[n % LICENSES.length],
        title: `The asset of the number ${n}`,
      };
      await assets.register({ path: pathOf(n), copy: false, asset_type: TYPES[n % TYPES.length], metadata });
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
});
for (const [name, filter] of Object.entries({
  'filter: type': { type: 'images' },
  'filter: tag of all': { tags: ['all'] },
  'filter: tag of a seventh': { tags: ['SHADE3'] },
  'filter: licence': { licenses: ['cc-by'] },
  'filter: two licences': { licenses: ['CC-BY', 'mit'] },
  'filter: type, tag, licence': { type: 'audio', tags: ['shade3', 'all'], licenses: ['cc0', 'MIT'] },
  'filter: hash': { hash: (await assets.find({ limit: 1 })).items[0]?.hash },
  'filter: text': { q: `number ${total - 7}` },
  'filter: text and type': { type: 'notes', q: 'number 1' },
})) {
  await median(name, () => assets.find(filter));
}
const audited = await time('audit', () => assets.audit({ fix_missing: false }));
const rebuilt = await time('rebuild', () => assets.rebuild());
await assets.close();
await kit.close();
const { processed, removed } = rebuilt;
console.log(JSON.stringify({ total, took, missing: audited.missing_sidecars.length, processed, removed }));
