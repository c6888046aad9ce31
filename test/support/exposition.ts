import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import type { TestContext } from 'node:test';
import { has, PYTHON } from './has.ts';

/** The parsers of python3-prometheus-client, which nobody here wrote: they refuse what breaks the format. */
const PARSE = `
import sys, json, io
data = io.TextIOWrapper(sys.stdin.buffer, encoding='utf-8', newline='').read()
if sys.argv[1] == 'openmetrics':
    from prometheus_client.openmetrics.parser import text_string_to_metric_families as parse
else:
    from prometheus_client.parser import text_string_to_metric_families as parse
print(json.dumps([{'name': f.name, 'type': f.type, 'help': f.documentation, 'unit': f.unit, 'samples': [
    {'name': s.name, 'labels': s.labels, 'value': repr(s.value), 'exemplar': s.exemplar and s.exemplar.labels}
    for s in f.samples]} for f in parse(data)]))`;

export interface Parsed {
  readonly name: string;
  readonly type: string;
  readonly help: string;
  readonly unit: string;
  readonly samples: readonly {
    readonly name: string;
    readonly labels: Record<string, string>;
    readonly value: string;
    readonly exemplar: Record<string, string> | null;
  }[];
}

export const FORMATS = ['prometheus', 'openmetrics'] as const;
export type Format = (typeof FORMATS)[number];

export const hasParser = (t: TestContext): boolean =>
  has(t, PYTHON, ['-c', 'import prometheus_client'], 'apt install python3-prometheus-client');

/** What the parser of that format reads; fails where it refuses. */
export function parsed(text: string | Uint8Array, format: Format): readonly Parsed[] {
  const { status, stdout, stderr } = spawnSync(PYTHON, ['-c', PARSE, format], {
    input: Buffer.from(text),
    encoding: 'utf8',
  });
  assert.equal(status, 0, stderr);
  return JSON.parse(stdout);
}

export const hasPromtool = (t: TestContext): boolean =>
  has(t, 'promtool', ['--version'], 'apt install prometheus');

/** The names that dashboards for Node ask for, which `promtool check metrics` dislikes and nobody can change. */
export const DISLIKED: readonly string[] = ['handles', 'requests', 'resources'].map(
  kind => `nodejs_active_${kind}_total non-counter metrics should not have "_total" suffix`,
);

/** The complaints of `promtool check metrics`, sorted. */
export function complaints(text: string | Uint8Array): readonly string[] {
  const { stderr, stdout } = spawnSync('promtool', ['check', 'metrics'], {
    input: Buffer.from(text),
    encoding: 'utf8',
  });
  return `${stdout}${stderr}`
    .split('\n')
    .filter(line => line !== '')
    .sort();
}
