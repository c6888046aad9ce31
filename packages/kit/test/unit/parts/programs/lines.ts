// Writes LINES log lines and then ends in the way that END names.
import { loadConfig } from '../../../../src/config/load.ts';
import { createKit } from '../../../../src/kernel/create-kit.ts';
import { output } from '../../../../src/parts/output/part.ts';

const { DIR, END, STDOUT, LINES = '1000', PAUSE } = process.env;
const log = {
  samplingRateInfo: 1,
  stdout: STDOUT === '1',
  ...(DIR && { dir: DIR }),
};
const kit = createKit({
  config: loadConfig({ code: { service: 'lines', env: 'production', log }, env: {} }),
});
await kit.use(output);
for (let n = 1; n <= Number(LINES); n++) {
  kit.log.info({ n }, 'counted');
  if (PAUSE && n % 100 === 0) await new Promise(resolve => setTimeout(resolve, Number(PAUSE)));
}
if (END === 'exit') process.exit(0);
if (END === 'throw') throw new Error('the program broke');
if (END === 'reject') void Promise.reject(new Error('nobody caught this'));
if (END === 'fatal') {
  kit.log.fatal('the last words');
  process.kill(process.pid, 'SIGKILL');
}
if (END === 'close') await kit.close();
if (END === 'lost') {
  kit.log.flush();
  console.error(`lost ${kit.read<{ lost: number }>('output')?.lost}`);
}
