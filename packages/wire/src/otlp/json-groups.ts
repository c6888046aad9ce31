import type { Draft } from './draft.ts';
import { attributesOf, countOf, type JsonObject, listOf, objectOf, textOf } from './json-read.ts';
import { attributesJson, countText, type Json, members, textJson } from './json-write.ts';
import type { PartialSuccess, ResourceGroup, Scope, ScopeGroup } from './types.ts';

/** The names that the three export requests give to one shape. */
export interface GroupNames {
  readonly groups: string;
  readonly scopes: string;
  readonly items: string;
}

/** What was refused, under the name that the signal's answer gives it. */
const REJECTED = ['rejectedSpans', 'rejectedLogRecords', 'rejectedDataPoints'] as const;

export function groupsToJson<T>(
  groups: readonly ResourceGroup<T>[],
  names: GroupNames,
  itemJson: (item: T) => Json,
): Json {
  const scopeGroup = ({ scope, schemaUrl, items }: ScopeGroup<T>): Json =>
    members({
      scope: members({
        name: textJson(scope.name),
        version: textJson(scope.version),
        attributes: attributesJson(scope.attributes),
      }),
      [names.items]: items.map(itemJson),
      schemaUrl: textJson(schemaUrl),
    });
  return {
    [names.groups]: groups.map(group =>
      members({
        resource: members({ attributes: attributesJson(group.resource.attributes) }),
        [names.scopes]: group.scopes.map(scopeGroup),
        schemaUrl: textJson(group.schemaUrl),
      }),
    ),
  };
}

export function groupsFromJson<T>(
  json: unknown,
  names: GroupNames,
  itemOf: (item: JsonObject) => T,
): readonly ResourceGroup<T>[] {
  return listOf(objectOf(json, 'the request'), names.groups, group => {
    const resource = objectOf(group['resource'], 'resource');
    const result: Draft<ResourceGroup<T>> = {
      resource: { attributes: attributesOf(resource, 'attributes') },
      scopes: listOf(group, names.scopes, inner => scopeGroupOf(inner, names, itemOf)),
    };
    const schemaUrl = textOf(group, 'schemaUrl');
    if (schemaUrl !== '') result.schemaUrl = schemaUrl;
    return result;
  });
}

function scopeGroupOf<T>(
  json: JsonObject,
  names: GroupNames,
  itemOf: (item: JsonObject) => T,
): ScopeGroup<T> {
  const group: Draft<ScopeGroup<T>> = {
    scope: scopeOf(objectOf(json['scope'], 'scope')),
    items: listOf(json, names.items, itemOf),
  };
  const schemaUrl = textOf(json, 'schemaUrl');
  if (schemaUrl !== '') group.schemaUrl = schemaUrl;
  return group;
}

function scopeOf(json: JsonObject): Scope {
  const attributes = attributesOf(json, 'attributes');
  return { name: textOf(json, 'name'), version: textOf(json, 'version'), attributes };
}

/** A receiver's answer as JSON; what was refused is named after the signal. */
export function responseToJson(
  partial: PartialSuccess | undefined,
  signal: 'traces' | 'logs' | 'metrics',
): Json {
  if (!partial) return {};
  const name = REJECTED[['traces', 'logs', 'metrics'].indexOf(signal)]!;
  return {
    partialSuccess: { [name]: countText(partial.rejected), errorMessage: partial.message.toWellFormed() },
  };
}

/** What a receiver refused, or `undefined` where it took everything without a word. Throws `OtlpError`. */
export function responseFromJson(json: unknown): PartialSuccess | undefined {
  const partial = objectOf(objectOf(json, 'the response')['partialSuccess'], 'partialSuccess');
  const rejected = Math.max(...REJECTED.map(name => countOf(partial[name], name)));
  const message = textOf(partial, 'errorMessage');
  return rejected === 0 && message === '' ? undefined : { rejected, message };
}
