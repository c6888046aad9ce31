import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { test } from 'node:test';
import type { LogRow, MetricAnswer, MetricInfo, Page, TraceAnswer, TraceSummary } from '@plimsoll/wire';
import { run } from '../src/main.ts';
import { sendShop, TRACE } from './otlp.ts';
import { project, start, startConsole } from './support.ts';

/** A command in this process: a start of Node for each would take longer than all the rest. */
async function inProcess(...words: string[]) {
  let [out, err] = ['', ''];
  const output = {
    out: (text: string) => {
      out += text;
    },
    error: (text: string) => {
      err += text;
    },
  };
  return { code: await run(words, output), out, err };
}

test('the CLI shows what a foreign service sent, as tables and as JSON', async t => {
  const console = await startConsole(t);
  const at = Date.now() - 5000;
  await sendShop(console.otlp, at);
  const ask = (...words: string[]) => inProcess(...words, '--console', console.url);
  const json = async <T>(...words: string[]): Promise<T> => {
    const { code, out, err } = await ask(...words, '--json');
    assert.equal(code, 0, err);
    return JSON.parse(out) as T;
  };

  await t.test('traces, by every filter', async () => {
    const { code, out } = await ask('traces');
    assert.equal(code, 0);
    assert.match(out, /^START +TRACE +TOOK +STATUS +SPANS +ERRORS +SERVICE +NAME$/m);
    assert.match(out, new RegExp(`Z  ${TRACE}  120 ms  500 +2 +[12] +shop +GET /cart/:id$`, 'm'));
    const filters = [
      ['--service', 'shop'],
      ['--route', '/cart/:id'],
      ['--status', 'error', '--min-ms', '100', '--max-ms', '200'],
      ['--attribute', 'db.system.name=postgresql'],
      ['--since', '1h', '--order', 'slowest', '--limit', '1'],
      ['--from', String(at - 1000), '--to', new Date(at + 1000).toISOString()],
    ];
    const found = await Promise.all(filters.map(words => json<Page<TraceSummary>>('traces', ...words)));
    for (const [index, { items }] of found.entries()) {
      assert.deepEqual(
        items.map(({ traceId }) => traceId),
        [TRACE],
        filters[index]?.join(' '),
      );
    }
    const none = await ask('traces', '--service', 'nobody');
    assert.deepEqual([none.code, none.out], [0, 'No trace.\n']);
  });

  await t.test('one trace, with its lines in place', async () => {
    const { code, out } = await ask('traces', TRACE);
    assert.equal(code, 0);
    assert.match(out, new RegExp(`^Trace ${TRACE} · 120 ms · 2 spans of shop · 2 failed · 1 log line`));
    const order = [
      'GET /cart/:id  (shop)  failed',
      '  SELECT carts  (shop)  failed: timed out',
      '    ERROR the store',
    ];
    const places = order.map(words => out.indexOf(words));
    assert.ok(places.every(place => place > 0));
    assert.deepEqual(
      places,
      places.toSorted((a, b) => a - b),
    );
    const answer = await json<TraceAnswer>('traces', TRACE);
    assert.deepEqual([answer.spans.length, answer.logs.length], [2, 1]);
    const unknown = await ask('traces', '0'.repeat(32));
    assert.equal(unknown.code, 1);
    assert.match(unknown.err, /^unknown_trace\. /);
  });

  await t.test('logs, by every filter, with no control character of a stranger', async () => {
    const { code, out } = await ask('logs', '--order', 'oldest');
    assert.equal(code, 0);
    const [first, second] = out.split('\n');
    assert.match(first!, /Z {2}INFO +shop {2}cart opened +colour=blue/);
    assert.match(second!, /Z {2}ERROR +shop {2}the store\\u001b\[2J is slow .*colour=red/);
    assert.ok(second!.includes(`trace=${TRACE}`));
    const filters = [
      ['--level', 'warn'],
      ['--text', 'slow'],
      ['--trace', TRACE],
      ['--request', 'req-17'],
      ['--attribute', 'colour=red', '--service', 'shop'],
      ['--limit', '1'],
    ];
    const found = await Promise.all(filters.map(words => json<Page<LogRow>>('logs', ...words)));
    for (const [index, { items }] of found.entries()) {
      assert.deepEqual(
        items.map(({ level, body }) => [level.toLowerCase(), body.slice(0, 9)]),
        [['error', 'the store']],
        filters[index]?.join(' '),
      );
    }
  });

  await t.test('pages, by the cursor that the last one gave', async () => {
    const { out } = await ask('logs', '--limit', '1');
    const cursor = /There is more: --cursor (\S+)/.exec(out)?.[1];
    assert.ok(cursor);
    const rest = await ask('logs', '--limit', '1', '--cursor', cursor);
    assert.match(rest.out, /cart opened/);
  });

  await t.test('metrics, as a list and over time', async () => {
    const { out } = await ask('metrics');
    assert.match(out, /^carts_open +gauge +- +shop +region +Carts that are open$/m);
    const infos = await json<readonly MetricInfo[]>('metrics', '--service', 'shop');
    assert.deepEqual(infos.map(({ name }) => name).toSorted(), ['cart_seconds', 'carts_open']);
    const by = await ask('metrics', 'carts_open', '--by', 'region');
    assert.match(by.out, /^region=north +3 +3 +3 /m);
    assert.match(by.out, /^region=south +5 +5 +5 /m);
    const north = await json<MetricAnswer>(
      'metrics',
      'carts_open',
      '--filter',
      'region=north',
      '--step',
      '1m',
    );
    assert.deepEqual(
      north.series.map(({ values }) => values.filter(value => value !== null)),
      [[3]],
    );
    const times = await ask('metrics', 'cart_seconds');
    assert.match(times.out, /^- +4 +0\.233 +0\.473 +0\.495/m);
    assert.match(times.out, /^≤ 0\.5 .*█/m);
    assert.equal((await ask('metrics', 'nothing_total')).code, 1);
  });

  await t.test('services, overview, requests, stats and health', async () => {
    assert.match((await ask('services')).out, /^shop +1\.2 +- +go +- /m);
    assert.match((await ask('overview')).out, /^shop +unknown /m);
    assert.match((await ask('requests')).out, /^1 +1 +100 % +1[12]\d ms +1[12]\d ms +shop +\/cart\/:id$/m);
    assert.match((await ask('stats')).out, /^spans +2$[\s\S]*^log lines +2$/m);
    const health = await ask('health');
    assert.equal(health.code, 0);
    assert.match(health.out, /^shop +unknown/m);
    assert.equal((await ask('health', '--service', 'nobody')).code, 1);
  });

  await t.test('a wrong filter is a wrong call, and the field is named', async () => {
    const { code, err } = await ask('logs', '--trace', 'two words');
    assert.equal(code, 2);
    assert.match(err, /^validation_error: traceId /);
    assert.equal((await ask('traces', '--since', 'yesterday')).code, 2);
    assert.equal((await ask('traces', '--since', '5m', '--from', '2026-01-01')).code, 2);
    assert.equal((await ask('logs', '--follow', '--limit', '3')).code, 2);
  });

  await t.test('logs --follow prints lines as they come, by filter, until a signal', async () => {
    const following = start(t, ['logs', '--follow', '--level', 'error', '--json'], { cwd: console.cwd });
    await following.said(/Following/);
    await sendShop(console.otlp, Date.now());
    await following.said(/\n/);
    await following.said(/is slow/);
    following.child.kill('SIGINT');
    const { code, out } = await following.ended;
    assert.equal(code, 0);
    const rows = out.trim().split('\n');
    assert.deepEqual(
      rows.map(line => (JSON.parse(line) as LogRow).level.toLowerCase()),
      ['error'],
    );
  });

  await t.test('a console that goes away ends --follow with 3', async () => {
    const following = start(t, ['logs', '--follow'], { cwd: console.cwd });
    await following.said(/Following/);
    console.child.kill('SIGTERM');
    assert.equal((await console.ended).code, 0);
    const { code, err } = await following.ended;
    assert.equal(code, 3);
    assert.match(err, /went away/);
  });
});

test('where no console answers, the CLI says how to start one, and exits 3', async t => {
  const { code, err } = await inProcess('traces', '--console', 'http://127.0.0.1:9');
  assert.equal(code, 3);
  assert.match(err, /^No console answers at http:\/\/127\.0\.0\.1:9[\s\S]*npx plimsoll console/);
  const other = createServer((_request, response) => response.end('something else'));
  await new Promise<void>(resolve => other.listen(0, '127.0.0.1', resolve));
  t.after(() => other.close());
  const { port } = other.address() as AddressInfo;
  const env = { PLIMSOLL_CONSOLE_PORT: String(port) };
  const foreign = await start(t, ['stats'], { cwd: project(t), env }).ended;
  assert.equal(foreign.code, 3);
  assert.match(foreign.err, /is no console/);
  assert.equal((await inProcess('stats', '--console', 'here')).code, 2);
});

test('a console with a token is asked with PLIMSOLL_CONSOLE_TOKEN', async t => {
  const token = 'a-token-of-the-test-0123456789';
  const { cwd } = await startConsole(t, { env: { PLIMSOLL_CONSOLE_TOKEN: token } });
  const without = await start(t, ['stats'], { cwd }).ended;
  assert.equal(without.code, 3);
  assert.match(without.err, /^unauthorized\. /);
  const env = { PLIMSOLL_CONSOLE_TOKEN: token };
  assert.equal((await start(t, ['stats', '--json'], { cwd, env }).ended).code, 0);
  const following = start(t, ['logs', '--follow'], { cwd, env });
  await following.said(/Following/);
});
