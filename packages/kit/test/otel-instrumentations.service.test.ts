import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, beforeEach, describe, it } from 'node:test';
import { IORedisInstrumentation } from '@opentelemetry/instrumentation-ioredis';
import { PgInstrumentation } from '@opentelemetry/instrumentation-pg';
import type { SpanRecord } from '@plimsoll/wire';
import type { Redis } from 'ioredis';
import type pg from 'pg';
import { type Registered, registered } from './otel/open.ts';
import { HOW, hasServices, type Service, startPostgres, startRedis } from './otel/services.ts';
import { samples } from './unit/metrics/scrape.ts';

const required = process.env['PLIMSOLL_TEST_REQUIRE'] === 'all';
const skip = hasServices() || required ? false : HOW;

// The instrumentations patch what is required after they were made.
const require = createRequire(import.meta.url);
const instrumentations = [new PgInstrumentation(), new IORedisInstrumentation()];

let obs: Registered;
before(async () => {
  obs = await registered();
  for (const one of instrumentations)
    one.setMeterProvider((await import('@opentelemetry/api')).metrics.getMeterProvider());
});
after(async () => {
  for (const one of instrumentations) one.disable();
  await obs.close();
});
beforeEach(() => {
  obs.spans.length = 0;
});

const childrenOf = (name: string): readonly SpanRecord[] => {
  const { spanId, traceId } = obs.span(name);
  return obs.spans.filter(span => span.parentSpanId === spanId && span.traceId === traceId);
};

describe('instrumentation-pg', { skip }, () => {
  let server: Service;
  let pool: pg.Pool;
  before(async () => {
    server = await startPostgres();
    const { Pool } = require('pg') as typeof pg;
    pool = new Pool({ host: '127.0.0.1', port: server.port, user: 'plimsoll', database: 'postgres', max: 2 });
    // A server that stops says so even to a client that is just leaving.
    pool.on('error', () => {});
    pool.on('connect', client => client.on('error', () => {}));
    await pool.query('CREATE TABLE users (id text PRIMARY KEY, mail text)');
  });
  after(async () => {
    await pool?.end();
    await server?.stop();
  });

  it('makes children of our spans, whose statement has its shape and no value', async () => {
    await obs.kit.trace.span('request', () =>
      pool.query("INSERT INTO users VALUES ('u-17', 'a@b.example') -- by me"),
    );
    const query = childrenOf('request').find(({ name }) => name.startsWith('pg.query'));
    assert.equal(query?.spanKind, 'client');
    assert.equal(query?.attributes['db.system.name'], 'postgresql');
    assert.equal(query?.attributes['db.query.text'], 'INSERT INTO users VALUES (?)');
    assert.equal(query?.attributes['server.port'], server.port);
    assert.equal(query?.attributes['otel.scope.name'], '@opentelemetry/instrumentation-pg');
    assert.doesNotMatch(JSON.stringify(obs.spans), /u-17|a@b\.example/);
  });

  it('keeps the context through callbacks, and in the queries of a transaction', async () => {
    await obs.kit.trace.span('request', async () => {
      const client = await pool.connect();
      await client.query('BEGIN');
      const inside = await new Promise(resolve =>
        client.query('SELECT $1::text AS mail', ['a@b.example'], () =>
          resolve(obs.kit.trace.active()?.spanId),
        ),
      );
      assert.equal(inside, obs.kit.trace.active()?.spanId);
      await client.query('COMMIT');
      client.release();
    });
    const texts = childrenOf('request').map(({ attributes }) => attributes['db.query.text']);
    assert.deepEqual(
      texts.filter(text => text !== undefined),
      ['BEGIN', 'SELECT $1::text AS mail', 'COMMIT'],
    );
  });

  it('marks what fails, and what the database said is redacted', async () => {
    const run = obs.kit.trace.span('request', () =>
      pool.query("INSERT INTO users VALUES ('u-17', 'a@b.example')"),
    );
    await assert.rejects(run, { code: '23505' });
    const query = childrenOf('request').find(({ name }) => name.startsWith('pg.query'));
    assert.equal(query?.status.code, 2);
    assert.equal(query?.events[0]?.name, 'exception');
    assert.doesNotMatch(JSON.stringify(obs.spans), /u-17|a@b\.example/);
  });

  it('counts into our metrics', async () => {
    await pool.query('SELECT 1');
    const series = [...(await samples(obs.kit.metrics)).keys()];
    assert.ok(
      series.some(one => one.startsWith('db_client_operation_duration_seconds_count{')),
      series.join('\n'),
    );
    assert.ok(
      series.some(one => one.startsWith('db_client_connection_count{')),
      series.join('\n'),
    );
  });
});

describe('instrumentation-ioredis', { skip }, () => {
  let server: Service;
  let redis: Redis;
  before(async () => {
    server = await startRedis();
    const { Redis: Client } = require('ioredis') as typeof import('ioredis');
    redis = new Client({ host: '127.0.0.1', port: server.port });
    await redis.ping();
  });
  after(async () => {
    await redis?.quit();
    await server?.stop();
  });

  it('makes children of our spans, and shows commands without their arguments', async () => {
    await obs.kit.trace.span('request', async () => {
      await redis.set('presence:u-17', 'a@b.example');
      assert.equal(await redis.get('presence:u-17'), 'a@b.example');
    });
    const calls = childrenOf('request');
    assert.deepEqual(
      calls.map(({ name, spanKind }) => [name, spanKind]),
      [
        ['set', 'client'],
        ['get', 'client'],
      ],
    );
    assert.deepEqual(
      calls.map(({ attributes }) => attributes['db.query.text']),
      ['set ?', 'get ?'],
    );
    assert.equal(calls[0]?.attributes['db.system.name'], 'redis');
    assert.doesNotMatch(JSON.stringify(obs.spans), /u-17|a@b\.example/);
  });

  it('follows pipelines, and marks what fails', async () => {
    await obs.kit.trace.span('request', async () => {
      await redis.multi().incr('n').incr('n').exec();
      await assert.rejects(redis.call('NOPE'));
    });
    const calls = childrenOf('request');
    assert.deepEqual(
      calls.map(({ name }) => name.toLowerCase()),
      ['multi', 'incr', 'incr', 'exec', 'nope'],
    );
    assert.equal(calls.at(-1)?.status.code, 2);
  });
});
