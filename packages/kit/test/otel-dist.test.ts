import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { it } from 'node:test';

const ROOT = join(import.meta.dirname, '../../..');
const built = existsSync(join(ROOT, 'packages/kit/dist/parts/otel-api/part.js'));

/** Each chunk of the dist has copies of the classes that it uses, so a check of a class would tell two kinds apart. */
it('in the dist, too, spans of both kinds are parents of each other', {
  skip: !built && 'npm run build',
}, () => {
  const script = `
    import { trace } from '@opentelemetry/api';
    import { init } from 'plimsoll';
    const options = { service: 'x', env: 'test', log: { stdout: false }, drain: { enabled: false } };
    const obs = await init({ ...options, trace: { enabled: true }, otel: { register: true } });
    const spans = [];
    obs.on('span', ({ name, spanId, parentSpanId }) => spans.push({ name, spanId, parentSpanId }));
    const tracer = trace.getTracer('t');
    obs.trace.span('a', () => tracer.startActiveSpan('b', b => {
      if (obs.trace.active().spanId !== b.spanContext().spanId) throw new Error('not active');
      obs.trace.span('c', () => tracer.startSpan('d').end());
      b.end();
    }));
    await obs.close();
    console.log(JSON.stringify(spans));`;
  const args = ['--input-type=module', '--eval', script];
  const spans: { name: string; spanId: string; parentSpanId?: string }[] = JSON.parse(
    execFileSync(process.execPath, args, { cwd: ROOT, encoding: 'utf8' }),
  );
  const idOf = (name: string | undefined) => spans.find(span => span.name === name)?.spanId;
  const parents = spans.map(({ name, parentSpanId }) => [name, parentSpanId]);
  assert.deepEqual(parents, [
    ['d', idOf('c')],
    ['c', idOf('b')],
    ['b', idOf('a')],
    ['a', undefined],
  ]);
});
