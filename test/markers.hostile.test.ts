import assert from 'node:assert/strict';
import { existsSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fromCode } from './markers/code.ts';
import { around, markersIn } from './markers/corpus.ts';
import { answersOf, fromOutside } from './markers/requests.ts';
import { ADAPTERS, startMarked } from './markers/service.ts';
import { modesOf, sinksOf } from './markers/sinks.ts';

const PLUGIN_INPUT = 'plugin-input.txt';
/** What shows that something came to each sink, and how much of it at least. */
const REACHED: Readonly<Record<string, number>> = {
  ...{
    'otlp /v1/traces': 1,
    'otlp /v1/logs': 1,
    'otlp /v1/metrics': 1,
    telemetry: 1,
    webhooks: 5,
    stream: 5,
  },
  ...{ line: 100, 'run.log': 1, 'logs/crash/crash-': 10, 'logs/telemetry/usage.json': 1, 'bundle.zip': 1 },
  ...{ [PLUGIN_INPUT]: 1, 'data/assets.db': 1, '.asset.json': 10, 'hooks/': 1, 'GET /': 60, 'POST /': 200 },
};

/** One service with every part on, a marker of every class through every entry, and then every sink is searched. */
for (const adapter of ADAPTERS) {
  test(`no marker leaves a service on ${adapter}, through any entry, into any sink`, async t => {
    const service = await startMarked(t, adapter);
    const { obs } = service;
    await obs.hooks.addWebhook({
      event: 'on_scene_enter',
      url: service.webhook,
      secret: 'marker-secret-of-a-hook',
    });
    const said = [...(await fromOutside(service))];
    // The rest has nothing to do with HTTP.
    if (adapter === ADAPTERS[0]) await fromCode(service);
    await obs.health.start();
    await obs.hooks.flushed();
    await until(() => service.received.webhooks.length > 5 && service.received.telemetry.length > 0);
    await until(() => existsSync(join(service.root, PLUGIN_INPUT)));
    said.push(...(await answersOf(service)));
    const zip = await fetch(`${service.url}/api/telemetry/diagnostics`);
    writeFileSync(join(service.root, 'bundle.zip'), Buffer.from(await zip.arrayBuffer()));
    await until(() => service.stream.length > 5);
    await service.close();
    const sinks = sinksOf(service, said);
    const found = sinks.flatMap(({ name, text, own }) =>
      markersIn(text, own).map(marker => `${marker} in ${name}: ${around(text, marker)}`),
    );
    assert.deepEqual(found.slice(0, 20), []);
    for (const [sink, least] of Object.entries(REACHED)) {
      const count = sinks.filter(({ name, text }) => `${name} ${text.slice(0, 40)}`.includes(sink)).length;
      assert.ok(count >= least, `${sink}: ${count}`);
    }
    for (const [name, mode] of modesOf(service.root)) assert.equal(mode, 0o600, name);
  });
}

async function until(what: () => boolean): Promise<void> {
  for (let turn = 0; turn < 1000; turn++) {
    if (what()) return;
    await new Promise(resolve => setTimeout(resolve, 10));
  }
  throw new Error(`never: ${what}`);
}
