import type { Scene, SceneNode } from '../scene/schema.ts';
import type { Sourced } from './library.ts';

export interface SceneLabel {
  readonly scene_id: string;
  readonly label: string;
  readonly source: string;
  readonly title: string;
}

/** A label of Ren'Py: word characters in lower case, a letter first. */
export function labelOf(text: string): string {
  const word = text.replaceAll(/\W+/g, '_').toLowerCase();
  return /^[a-z]/.test(word) ? word : `section_${word}`;
}

/** One label for each scene; two that would be the same are told apart by a number. */
export function labelsOf(scenes: readonly Sourced<Scene>[]): readonly SceneLabel[] {
  const taken = new Set<string>();
  return scenes.map(({ id, value, source }) => {
    const label = fresh(labelOf(id), taken);
    return { scene_id: id, label, source, title: value.title ?? id };
  });
}

function fresh(wanted: string, taken: Set<string>): string {
  let label = wanted;
  for (let count = 2; taken.has(label); count += 1) label = `${wanted}_${count}`;
  taken.add(label);
  return label;
}

export interface ScriptInput {
  readonly title: string;
  readonly generatedAt: string;
  readonly scenes: readonly Sourced<Scene>[];
  readonly labels: readonly SceneLabel[];
}

/** The script of Ren'Py: the scenes in their order, a label for each node, a menu where there is a choice. */
export function renderScript({ title, generatedAt, scenes, labels }: ScriptInput): string {
  const parts = scenes.map(({ value }, index) =>
    renderScene(value, labels[index]!.label, labels[index + 1]?.label),
  );
  const head = [`# ${oneLine(title)}`, `# Generated ${generatedAt}`, '', 'label start:'];
  return [...head, `    jump ${labels[0]!.label}`, '', ...parts.flat()].join('\n');
}

function renderScene({ nodes, start }: Scene, label: string, next: string | undefined): readonly string[] {
  const taken = new Set<string>();
  const names = new Map(nodes.map(({ id }) => [id, fresh(`${label}__${labelOf(id)}`, taken)]));
  const after = next === undefined ? '    return' : `    jump ${next}`;
  const lines = [`label ${label}:`, `    jump ${names.get(start)}`, ''];
  for (const node of nodes) {
    lines.push(`label ${names.get(node.id)}:`, ...spoken(node));
    const choices = node.choices ?? [];
    if (choices.length === 0) lines.push(after);
    else {
      lines.push('    menu:');
      for (const { label: text, id, target } of choices)
        lines.push(`        ${quoted(text ?? id ?? target)}:`, `            jump ${names.get(target)}`);
    }
    lines.push('');
  }
  return lines;
}

function spoken({ text, speaker }: SceneNode): readonly string[] {
  if (text === undefined || text === '') return [];
  return [speaker ? `    ${quoted(speaker)} ${quoted(text)}` : `    ${quoted(text)}`];
}

const oneLine = (text: string): string => text.replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ');

/** Text of a story is no code: brackets, braces and percent signs are doubled, as Ren'Py has it. */
function quoted(text: string): string {
  const safe = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(/[[{%]/g, char => char + char)
    .replaceAll(/\r?\n/g, '\\n');
  return `"${oneLine(safe)}"`;
}
