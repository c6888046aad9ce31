import type { CpuProfile, CpuProfileNode } from '@plimsoll/wire';

export interface Frame {
  readonly name: string;
  /** File and line, or nothing. */
  readonly where: string;
  readonly kind: 'own' | 'package' | 'node' | 'engine';
  /** Microseconds, of the function alone and with what it called. */
  readonly self: number;
  readonly total: number;
  readonly children: readonly Frame[];
}

/** A function wherever it was called from. */
export type Hot = Pick<Frame, 'name' | 'where' | 'kind' | 'self'>;

const IDLE = new Set(['(idle)', '(program)']);

/** The stacks as a tree, the longest child first; what is idle is left out. */
export function flameTree(profile: CpuProfile): Frame {
  const selves = selfTimes(profile);
  const nodes = new Map(profile.nodes.map(node => [node.id, node]));
  // A parent comes before its children, so from the end each child is there before it is asked for.
  const frames = new Map<number, Frame>();
  for (const node of [...profile.nodes].reverse()) {
    const children = (node.children ?? [])
      .flatMap(id => (IDLE.has(nodes.get(id)?.callFrame.functionName ?? '') ? [] : (frames.get(id) ?? [])))
      .sort((a, b) => b.total - a.total);
    const self = selves.get(node.id) ?? 0;
    const total = children.reduce((sum, child) => sum + child.total, self);
    frames.set(node.id, { ...placeOf(node), self, total, children });
  }
  const root = frames.get(profile.nodes[0]?.id ?? 0);
  if (root === undefined) return { name: 'all', where: '', kind: 'engine', self: 0, total: 0, children: [] };
  return { ...root, name: 'all', where: '', total: root.total - root.self, self: 0 };
}

export function hottest(root: Frame, atMost: number): readonly Hot[] {
  const found = new Map<string, { -readonly [K in keyof Hot]: Hot[K] }>();
  const walk = ({ name, where, kind, self, children }: Frame): void => {
    const key = `${name} ${where}`;
    const one = found.get(key) ?? { name, where, kind, self: 0 };
    one.self += self;
    found.set(key, one);
    for (const child of children) walk(child);
  };
  walk(root);
  return [...found.values()]
    .filter(({ self }) => self > 0)
    .sort((a, b) => b.self - a.self)
    .slice(0, atMost);
}

function selfTimes({ samples = [], timeDeltas = [] }: CpuProfile): ReadonlyMap<number, number> {
  const selves = new Map<number, number>();
  for (const [at, id] of samples.entries()) {
    // A delta is the time before its sample, so the next one is how long this stack stood.
    selves.set(id, (selves.get(id) ?? 0) + Math.max(0, timeDeltas[at + 1] ?? 0));
  }
  return selves;
}

function placeOf({ callFrame }: CpuProfileNode): Pick<Frame, 'name' | 'where' | 'kind'> {
  const { functionName, url, lineNumber } = callFrame;
  const where = url === '' ? '' : `${url}:${lineNumber + 1}`;
  const kind =
    url === ''
      ? 'engine'
      : url.startsWith('node:')
        ? 'node'
        : url.includes('node_modules/')
          ? 'package'
          : 'own';
  return { name: functionName || '(anonymous)', where, kind };
}
