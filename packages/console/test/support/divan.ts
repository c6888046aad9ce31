import { spawn } from 'node:child_process';
import { join } from 'node:path';
import type { TestContext } from 'node:test';
import { freePort } from '../../../../test/support/free-port.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const START_MS = 20_000;

/** Divan in a process of its own, with its traffic, exporting to this endpoint. Gives its address. */
export async function runDivan(
  t: TestContext,
  endpoint: string,
  more: Readonly<Record<string, string>> = {},
): Promise<string> {
  const env = {
    ...process.env,
    PORT: String(await freePort()),
    OBS_ENV: 'development',
    OBS_ADMIN_TOKEN: 'a-token-for-this-test',
    OTEL_EXPORTER_OTLP_ENDPOINT: endpoint,
    OTEL_METRIC_EXPORT_INTERVAL: '1000',
    LOG_SAMPLING_RATE_INFO: '1',
    ...more,
  };
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', 'examples/divan/src/start.ts'], {
    cwd: ROOT,
    env,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  t.after(
    () =>
      new Promise<void>(done => {
        if (child.exitCode !== null) return done();
        child.once('exit', () => done());
        child.kill();
      }),
  );
  return new Promise((resolve, reject) => {
    let said = '';
    const timer = setTimeout(() => reject(new Error(`divan did not start: ${said}`)), START_MS);
    child.stderr.setEncoding('utf8').on('data', text => {
      said += text;
      const url = /divan listens on (http:\S+?)[,\s]/.exec(said)?.[1];
      if (url === undefined) return;
      clearTimeout(timer);
      resolve(url);
    });
    child.once('exit', code => reject(new Error(`divan ended with ${code}: ${said}`)));
  });
}
