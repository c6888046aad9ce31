import assert from 'node:assert/strict';
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir, totalmem } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as wait } from 'node:timers/promises';
import { cgroupReader } from '../src/parts/budgets/cgroup.ts';
import { gpuReader } from '../src/parts/budgets/gpu.ts';
import { Machine } from '../src/parts/budgets/machine.ts';
import { perf } from './support/perf.ts';

function folder(t: TestContext, files: Readonly<Record<string, string>>): string {
  const root = mkdtempSync(join(tmpdir(), 'plimsoll-sampler-'));
  t.after(() => rmSync(root, { recursive: true, force: true }));
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(join(root, path, '..'), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return root;
}

test('this machine is sampled: every figure is there and in range', async t => {
  const machine = new Machine({ folder: '/', path: '' });
  t.after(() => machine.stop());
  await wait(20);
  await machine.sample();
  const until = performance.now() + 250;
  while (performance.now() < until);
  await wait(30);
  const {
    ok,
    cpu = -1,
    mem = -1,
    mem_total_mb = 0,
    disk = -1,
    disk_total_gb = 0,
    ...rest
  } = await machine.sample();
  assert.equal(ok, true);
  assert.ok(cpu > 0 && cpu <= 100, `cpu ${cpu}`);
  assert.ok(mem > 0 && mem <= 100 && mem_total_mb > 0 && mem_total_mb <= totalmem() / 2 ** 20);
  assert.ok(disk >= 0 && disk <= 100 && disk_total_gb > 0);
  assert.ok((rest.loop_utilization ?? -1) > 0.5, 'the loop was held');
  assert.deepEqual([rest.gpus, rest.first_gpu], [[], null]);
});

test('what a cgroup allows is what percent is of, also where an ancestor sets the limit', async t => {
  const root = folder(t, {
    self: '0::/pods/one/app\n',
    'pods/memory.max': '1073741824\n',
    'pods/memory.current': '629145600\n',
    'pods/memory.stat': 'anon 1\ninactive_file 104857600\n',
    'pods/one/memory.max': 'max\n',
    'pods/one/app/cpu.max': '50000 100000\n',
    'pods/one/app/cpu.stat': 'usage_usec 5000000\nuser_usec 1\n',
  });
  const places = { root, self: join(root, 'self') };
  const read = cgroupReader(places);
  assert.deepEqual(await read?.(), {
    cpuUsec: 5_000_000,
    cpus: 0.5,
    memUsed: 524_288_000,
    memMax: 1_073_741_824,
  });

  const machine = new Machine({ folder: '/', path: '', ...places });
  t.after(() => machine.stop());
  await machine.sample();
  const began = performance.now();
  await wait(200);
  writeFileSync(join(root, 'pods/one/app/cpu.stat'), 'usage_usec 5050000\n');
  const { cpu = 0, mem, mem_used_mb, mem_total_mb } = await machine.sample();
  assert.deepEqual([mem, mem_used_mb, mem_total_mb], [48.83, 500, 1024]);
  // 50 ms of the half CPU that it has.
  const expected = 50 / ((performance.now() - began) * 0.5);
  assert.ok(cpu > 0 && Math.abs(cpu / 100 / expected - 1) < 0.25, `${cpu} for ${expected * 100}`);
});

test('without limits, or in another kind of cgroup, the machine counts', t => {
  const root = folder(t, {
    self: '0::/\n',
    v1: '4:memory:/x\n',
    'cpu.max': 'max 100000\n',
    'memory.max': 'max\n',
  });
  for (const self of ['self', 'v1', 'absent']) {
    assert.equal(cgroupReader({ root, self: join(root, self) }), undefined);
  }
});

test('nvidia-smi is asked where there is one; what it does not know is 0, and a hung one is given up', async t => {
  const root = folder(t, {
    'good/nvidia-smi':
      '#!/bin/sh\nprintf "0, RTX 4090, 31, 2048, 24564, 51\\n1, Other, [N/A], 10, 20, [N/A]\\n"\n',
    'hung/nvidia-smi': '#!/bin/sh\nexec sleep 30\n',
    'bad/nvidia-smi': '#!/bin/sh\nexit 9\n',
  });
  for (const name of ['good', 'hung', 'bad']) chmodSync(join(root, name, 'nvidia-smi'), 0o755);
  const ask = (name: string) => gpuReader(join(root, name))?.();
  assert.deepEqual(await ask('good'), [
    { id: 0, name: 'RTX 4090', util: 31, mem_used: 2048, mem_total: 24_564, temp_c: 51 },
    { id: 1, name: 'Other', util: 0, mem_used: 10, mem_total: 20, temp_c: 0 },
  ]);
  assert.deepEqual([await ask('hung'), await ask('bad'), ask('none')], [[], [], undefined]);
});

test('samples are taken in the background; one that fails leaves zeros, and is logged once', async t => {
  const { obs, lines, ask } = await perf(t, { enable_perf: true }, { perf: { sampleMs: 50 } });
  let calls = 0;
  await obs.budgets.sampler(() => ({ cpu: ++calls }));
  const metrics = async () => (await ask('/api/perf/budgets')).body['metrics'];
  while ((await metrics()).cpu < 3) await wait(10);
  const before = calls;
  for (let n = 0; n < 50; n++) obs.budgets.register({ job_id: `j${n}` });
  assert.equal(calls, before, 'a decision takes no sample');
  await obs.budgets.sampler(() => Promise.reject(new Error('no driver')));
  await obs.budgets.sample();
  const { ok, cpu, mem_used_mb, gpus, first_gpu, timestamp } = await metrics();
  assert.deepEqual([ok, cpu, mem_used_mb, gpus, first_gpu], [false, 0, 0, [], null]);
  assert.match(timestamp, /^\d{4}-\d\d-\d\dT[\d:.]+\+00:00$/);
  assert.equal(lines.filter(({ msg }) => msg === 'budget_callback_failed').length, 1);
  await obs.budgets.sampler(undefined);
  assert.equal((await metrics()).ok, true);
});
