import { openapiAnswer, problem } from '@plimsoll/wire/ops';
import { type ZodType, z } from 'zod';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';
import { allRoutes } from './index.ts';

type Json = Record<string, unknown>;

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';
const PROBLEM = { description: 'Refused or failed', content: { 'application/problem+json': ref('Problem') } };
const STATUS_503 = new Set(['/health/ready', '/health/startup']);

/** The ops API described by the schemas that validate it (OpenAPI 3.1, JSON Schema 2020-12). */
export function openapiRoutes(kit: KitCore): readonly Route[] {
  return [
    {
      method: 'GET',
      path: '/openapi.json',
      access: 'admin',
      summary: 'This description',
      answer: openapiAnswer,
      handle: async () => describe(kit, await allRoutes(kit)),
    },
  ];
}

function describe(kit: KitCore, routes: readonly Route[]): Json {
  const schemas: Json = {};
  const collect = new Schemas(schemas);
  collect.add(problem, 'output');
  const paths: Record<string, Json> = {};
  for (const route of routes) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route, collect) };
  }
  return {
    openapi: '3.1.0',
    jsonSchemaDialect: DIALECT,
    info: { title: `${kit.config.get('service')}: operations`, version: kit.config.get('version') || '0' },
    paths,
    components: {
      schemas,
      securitySchemes: {
        adminToken: { type: 'apiKey', in: 'header', name: 'X-Admin-Token' },
        bearer: { type: 'http', scheme: 'bearer' },
      },
    },
  };
}

function operation(route: Route, schemas: Schemas): Json {
  const content = { [route.media ?? 'application/json']: { schema: schemas.add(route.answer, 'output') } };
  const parameters = [
    ...[...route.path.matchAll(/:(\w+)/g)].map(([, name]) => ({
      ...{ name, in: 'path', required: true, schema: { type: 'string' } },
    })),
    ...queryParameters(route),
  ];
  return {
    operationId: operationId(route),
    ...(route.summary && { summary: route.summary }),
    ...(parameters.length > 0 && { parameters }),
    security: route.access === 'open' ? [] : [{ adminToken: [] }, { bearer: [] }],
    ...(route.body && {
      requestBody: {
        required: !route.body.isOptional(),
        content: { 'application/json': { schema: schemas.add(route.body, 'input') } },
      },
    }),
    responses: {
      '200': { description: 'Done', content },
      ...(STATUS_503.has(route.path) && { '503': { description: 'Not now', content } }),
      default: PROBLEM,
    },
  };
}

function queryParameters({ query }: Route): readonly Json[] {
  if (query === undefined) return [];
  const { properties = {}, required = [] } = z.toJSONSchema(query, {
    ...{ io: 'input', unrepresentable: 'any' },
  }) as { properties?: Json; required?: readonly string[] };
  return Object.entries(properties).map(([name, schema]) => ({
    ...{ name, in: 'query', required: required.includes(name), schema },
  }));
}

/** `get /ops/log-level` is `getOpsLogLevel`; a folder's own path ends in `Index`. */
function operationId({ method, path }: Route): string {
  const words = path.replace(/\/$/, '/index').split(/[^a-zA-Z0-9]+/);
  return method.toLowerCase() + words.map(word => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}

function ref(name: string): Json {
  return { schema: { $ref: `#/components/schemas/${name}` } };
}

/** Named schemas move to `components`, and references follow them. */
class Schemas {
  readonly #components: Json;

  constructor(components: Json) {
    this.#components = components;
  }

  add(schema: ZodType, io: 'input' | 'output'): Json {
    const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Json;
    for (const [name, definition] of Object.entries($defs as Json)) {
      this.#components[name] = moved(definition);
    }
    const name = z.globalRegistry.get(schema)?.id;
    if (name === undefined || '$ref' in own) return moved(own) as Json;
    const { id: __, ...rest } = own;
    this.#components[name] = moved(rest);
    return { $ref: `#/components/schemas/${name}` };
  }
}

function moved(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(moved);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, child]) =>
      key === '$ref'
        ? [key, String(child).replace('#/$defs/', '#/components/schemas/')]
        : [key, moved(child)],
    ),
  );
}
