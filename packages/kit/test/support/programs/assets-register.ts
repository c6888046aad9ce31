/** Registers argv[3] files in the folder argv[2], many at once, and says the uid of each as soon as it is told. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createKit, loadConfig, openAssets } from 'plimsoll/kit';

const [, , root = '', count = '0'] = process.argv;
const folder = join(root, 'assets');
mkdirSync(folder, { recursive: true });
const config = loadConfig({ code: { runtimeRoot: root, log: { level: 'warn' } }, env: {}, argv1: undefined });
const assets = await openAssets(createKit({ config }), { root: folder, dbPath: join(root, 'assets.db') });
await Promise.all(
  Array.from({ length: Number(count) }, async (_, n) => {
    writeFileSync(join(folder, `${n}.txt`), `file ${n}`);
    const { uid } = await assets.register({ path: `${n}.txt`, copy: false });
    process.stdout.write(`${uid}\n`);
  }),
);
await assets.close();
