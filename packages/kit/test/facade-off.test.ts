import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, it } from 'node:test';
import { runProgram } from './unit/facade/run.ts';

interface Off {
  readonly wrong: number;
  readonly reads: number;
  readonly sockets: number;
  readonly late: readonly string[];
  readonly names: readonly string[];
  readonly facade: readonly string[];
  readonly resources: { readonly before: readonly string[]; readonly after: readonly string[] };
  readonly metrics: readonly string[];
}

const CASES: Readonly<Record<string, Record<string, string>>> = {
  'in the default environment': {},
  'with TELEMETRY_ENABLED and no init, since the environment alone decides nothing': {
    TELEMETRY_ENABLED: 'true',
    TELEMETRY_BACKEND: 'hybrid',
  },
  'after an init in the default environment': { INIT: '1' },
  'after an init with OBS_ENABLED=false': { INIT: '1', OBS_ENABLED: 'false', TELEMETRY_ENABLED: 'true' },
  'after an init with the no-op backend': { INIT: '1', TELEMETRY_ENABLED: 'true' },
};

describe('the facade, off', () => {
  for (const [when, env] of Object.entries(CASES)) {
    it(`returns undefined for any input, reads nothing of it, and loads, opens and writes nothing ${when}`, async () => {
      const cwd = mkdtempSync(join(tmpdir(), 'plimsoll-facade-'));
      try {
        const found = await runProgram<Off>('off.ts', { env, cwd, readOnly: true });
        assert.deepEqual(
          { wrong: found.wrong, reads: found.reads, sockets: found.sockets, late: found.late },
          { wrong: 0, reads: 0, sockets: 0, late: [] },
        );
        const { before, after } = found.resources;
        assert.deepEqual(
          after.filter(resource => !before.includes(resource)),
          [],
        );
        assert.deepEqual(found.metrics, []);
        assert.ok(!found.facade.includes('prom.ts') && !found.facade.includes('otel.ts'));
        assert.deepEqual(readdirSync(cwd), []);
      } finally {
        rmSync(cwd, { recursive: true, force: true });
      }
    });
  }

  it('has the three functions, and each under its camel-case name', async () => {
    const { names } = await runProgram<Off>('off.ts', { env: {} });
    const wanted = [
      'trackEvent',
      'trackMetric',
      'trackTiming',
      'track_event',
      'track_metric',
      'track_timing',
    ];
    assert.deepEqual(names.toSorted(), wanted);
  });

  it('is one module, which imports no other', async () => {
    const { facade } = await runProgram<Off>('off.ts', { env: { INIT: '1' } });
    assert.deepEqual(facade, ['gate.ts']);
  });
});
