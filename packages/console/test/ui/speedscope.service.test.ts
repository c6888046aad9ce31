import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { createRequire } from 'node:module';
import type { AddressInfo } from 'node:net';
import { dirname, extname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { browse, hasChromium, shoot } from '../support/browser.ts';
import { tempFolder } from '../support/console.ts';

const ROOT = join(import.meta.dirname, '../../../..');
const RELEASE = join(
  dirname(createRequire(import.meta.url).resolve('speedscope/package.json')),
  'dist/release',
);
/** speedscope draws with WebGL, which a machine without a GPU has in software. */
const WEBGL = ['--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader'];
const TYPES: Readonly<Record<string, string>> = {
  ...{ '.html': 'text/html', '.js': 'text/javascript', '.css': 'text/css', '.json': 'application/json' },
  ...{ '.png': 'image/png', '.svg': 'image/svg+xml', '.woff2': 'font/woff2', '.map': 'application/json' },
};

/** divan with a hot function planted in every request, under load until it is stopped. */
async function loadedDivan(t: TestContext): Promise<{ url: string; stop(): Promise<unknown> }> {
  const folder = tempFolder(t);
  const flags = join(folder, 'flags.json');
  writeFileSync(flags, JSON.stringify({ features: { enable_perf: true } }));
  const child = fork(join(ROOT, 'bench/shed/server.ts'), ['plain', flags, folder, 'planted'], {
    ...{
      cwd: ROOT,
      execArgv: ['--conditions=plimsoll-source'],
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    },
  });
  t.after(() => child.kill());
  const [{ url }] = (await once(child, 'message')) as [{ url: string }];
  let over = false;
  const client = async (user: number): Promise<void> => {
    const headers = { 'x-user-id': `u-${user}`, 'x-campus-id': 'c-1' };
    while (!over) await (await fetch(`${url}/proximity/nearby?radius_m=500`, { headers })).arrayBuffer();
  };
  const clients = [0, 1, 2, 3].map(user => client(user).catch(() => {}));
  return {
    url,
    stop: () => {
      over = true;
      return Promise.all(clients);
    },
  };
}

/** speedscope's own page as its package ships it, and the profile beside it. */
async function serveSpeedscope(t: TestContext, profile: string): Promise<string> {
  const server = createServer((req, res) => {
    const path = new URL(req.url ?? '/', 'http://localhost').pathname;
    if (path === '/divan.cpuprofile') return void res.end(profile);
    const file = join(RELEASE, path === '/' ? 'index.html' : path);
    if (!file.startsWith(RELEASE) || !existsSync(file)) return void res.writeHead(404).end();
    res.writeHead(200, { 'content-type': TYPES[extname(file)] ?? 'application/octet-stream' });
    res.end(readFileSync(file));
  });
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve));
  t.after(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a CPU profile of divan under load opens on speedscope’s page and names the planted function', {
  timeout: 120_000,
}, async t => {
  if (!hasChromium(t)) return;
  const divan = await loadedDivan(t);
  const response = await fetch(`${divan.url}/api/perf/profiler/cpu?seconds=2`, {
    ...{ method: 'POST', headers: { 'x-admin-token': 'bench-admin-token' } },
  });
  assert.equal(response.status, 200);
  const profile = await response.text();
  await divan.stop();
  const url = await serveSpeedscope(t, profile);
  const watched = await browse(t, url, WEBGL);
  const page = await watched.open(
    `/#profileURL=${encodeURIComponent(`${url}/divan.cpuprofile`)}&title=divan`,
  );
  await page.getByText('Sandwich').waitFor();
  await page.locator('canvas').first().waitFor();
  await shoot(page, 'speedscope');
  // The list by function: its text can be read, the flame graph is pixels.
  await page.keyboard.press('3');
  await page.getByText('Symbol Name').waitFor();
  // It measures its room when that changes, and not when it first shows.
  await page.setViewportSize({ width: 1200, height: 800 });
  const row = page.locator('tr', { hasText: 'plantedHotFunction' }).first();
  await row.waitFor();
  await shoot(page, 'speedscope-list');
  const share = /([\d.]+)%/.exec((await row.textContent()) ?? '')?.[1];
  assert.ok(Number(share) > 5, `${share} %`);
  assert.deepEqual(watched.faults, []);
});
