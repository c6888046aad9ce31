import { createFlags } from '../../../src/config/flags.ts';
import { loadConfig } from '../../../src/config/load.ts';

/** Sets flags of its own one after the other, in a file that others write too. */
const [root = '', name = '', count = '1'] = process.argv.slice(2);
const names = Array.from({ length: Number(count) }, (_, n) => `${name}_${n}`);
const config = loadConfig({ code: { runtimeRoot: root }, env: {} });
const defaults = Object.fromEntries(names.map(flag => [flag, false]));
const flags = createFlags({ files: config.files, defaults });
for (const flag of names) await flags.set({ [flag]: true });
