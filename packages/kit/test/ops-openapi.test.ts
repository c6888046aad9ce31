import assert from 'node:assert/strict';
import { test } from 'node:test';
import { z } from 'zod';
import { serve, TOKEN } from './ops/server.ts';

type Json = Record<string, unknown>;
interface Operation {
  readonly operationId: string;
  readonly security: Json[];
  readonly parameters?: { name: string; in: string; required: boolean }[];
  readonly requestBody?: { content: Record<string, { schema: Json }> };
  readonly responses: Record<string, { description: string; content?: Record<string, { schema: Json }> }>;
}
interface Description {
  readonly openapi: string;
  readonly info: { title: string; version: string };
  readonly paths: Record<string, Record<string, Operation>>;
  readonly components: { schemas: Record<string, Json>; securitySchemes: Json };
}

/** Every `$ref` anywhere in a value. */
function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => (key === '$ref' ? [String(child)] : refs(child)));
}

test('the description is OpenAPI 3.1 whose references, ids and parameters hold', async t => {
  const { ask, ops, kit } = await serve(t, { env: 'development', ops: { adminToken: [TOKEN] } });
  ops.job('nightly', () => {});
  kit.routes({
    name: 'things',
    paths: ['/api/things/:id'],
    load: async () => [
      {
        ...{ method: 'PUT', path: '/api/things/:id', access: 'local' as const },
        body: z.object({ size: z.number().default(1) }),
        answer: z.object({ id: z.string(), made: z.date() }),
        handle: () => ({}),
      },
    ],
  });
  const answer = await ask('/openapi.json', { headers: { 'x-admin-token': TOKEN } });
  assert.equal(answer.status, 200);
  const api = answer.body as unknown as Description;
  assert.equal(api.openapi, '3.1.0');
  assert.ok(api.info.title && api.info.version);

  const operations = Object.entries(api.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
  );
  assert.deepEqual(
    operations.map(({ path, method }) => `${method} ${path}`).sort(),
    [
      'get /api/flags',
      'get /health',
      'get /health/live',
      'get /health/ready',
      'get /health/startup',
      'get /metrics',
      'get /openapi.json',
      'get /ops',
      'get /ops/',
      'get /ops/log-level',
      'get /ops/recent',
      'post /api/flags',
      'post /ops/log-level',
      'post /ops/nightly',
      'post /ops/trace/test',
      'put /api/things/{id}',
    ].sort(),
  );
  const ids = operations.map(({ operation }) => operation.operationId);
  assert.equal(new Set(ids).size, ids.length, ids.join(' '));
  for (const id of ids) assert.match(id, /^[a-zA-Z][a-zA-Z0-9]*$/);

  for (const { path, operation } of operations) {
    const named = [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name);
    assert.deepEqual(
      (operation.parameters ?? []).map(({ name }) => name),
      named,
      path,
    );
    for (const response of Object.values(operation.responses)) assert.ok(response.description, path);
    assert.ok(operation.responses['200']?.content, path);
    assert.ok(operation.responses['default']?.content?.['application/problem+json'], path);
    assert.equal(operation.security.length === 0, path.startsWith('/health'), path);
    for (const requirement of operation.security) {
      for (const scheme of Object.keys(requirement))
        assert.ok(scheme in api.components.securitySchemes, scheme);
    }
  }
  assert.ok(api.paths['/ops/log-level']?.['post']?.requestBody?.content['application/json']);
  const pointers = refs(api);
  assert.ok(pointers.length > 10);
  for (const pointer of pointers) {
    const name = pointer.replace('#/components/schemas/', '');
    assert.ok(Object.hasOwn(api.components.schemas, name), pointer);
  }
  assert.doesNotMatch(answer.text, /\$defs|"\$schema"|"\$id"/);
});
