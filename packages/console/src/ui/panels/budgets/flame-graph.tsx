import type { CpuProfile } from '@plimsoll/wire';
import { useMemo, useState } from 'preact/hooks';
import { duration, percent } from '../../lib/format.ts';
import { Table } from '../../parts/table.tsx';
import { type Frame, flameTree, hottest } from './flame-tree.ts';

const ROW_PX = 20;
/** Narrower ones can't be seen, and there are thousands. */
const LEAST_SHARE = 0.002;
const DEPTH = 60;

interface Box {
  readonly frame: Frame;
  readonly left: number;
  readonly width: number;
  readonly depth: number;
  readonly key: string;
}

/** Width is time, below a function is what it called; a frame that is chosen fills the width. */
export function FlameGraph({ profile }: { profile: CpuProfile }) {
  const root = useMemo(() => flameTree(profile), [profile]);
  const [path, setPath] = useState<readonly Frame[]>([]);
  const shown = path.at(-1) ?? root;
  const boxes = useMemo(() => layOut(shown), [shown]);
  const hot = useMemo(() => hottest(root, 10), [root]);
  if (root.total === 0) return <div class="notice">Nothing was at work.</div>;
  const rows = Math.max(...boxes.map(({ depth }) => depth)) + 1;
  return (
    <>
      <ul class="flame-legend legend">
        <li>
          <i class="flame-own" /> this service
        </li>
        <li>
          <i class="flame-package" /> packages
        </li>
        <li>
          <i class="flame-node" /> Node
        </li>
        <li>
          <i class="flame-engine" /> engine
        </li>
      </ul>
      {path.length > 0 && (
        <p>
          <button type="button" class="button" onClick={() => setPath([])}>
            Show all
          </button>
        </p>
      )}
      {/* A group: it is many buttons that are one picture. */}
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is of a form */}
      <div class="flame" role="group" aria-label="Flame graph" style={{ height: `${rows * ROW_PX}px` }}>
        {boxes.map(({ frame, left, width, depth, key }) => (
          <button
            key={key}
            type="button"
            class={`flame-frame flame-${frame.kind}`}
            style={{ left: `${left * 100}%`, width: `${width * 100}%`, top: `${depth * ROW_PX}px` }}
            title={`${frame.name} ${frame.where}\n${duration(frame.total / 1000)}, ${percent(frame.total / root.total)}; itself ${duration(frame.self / 1000)}`}
            onClick={() => setPath([...path, frame])}
          >
            {frame.name}
          </button>
        ))}
      </div>
      <h3>Functions by their own time</h3>
      <Table
        label="Functions by their own time"
        rows={hot}
        keyOf={({ name, where }) => `${name} ${where}`}
        columns={[
          { title: 'Function', cell: ({ name }) => <code>{name}</code> },
          { title: 'Where', wide: true, cell: ({ where }) => where },
          { title: 'Time', num: true, cell: ({ self }) => duration(self / 1000) },
          { title: 'Share', num: true, cell: ({ self }) => percent(self / root.total) },
        ]}
      />
    </>
  );
}

function layOut(root: Frame): readonly Box[] {
  const boxes: Box[] = [];
  const place = (frame: Frame, left: number, depth: number, key: string): void => {
    const width = frame.total / root.total;
    if (width < LEAST_SHARE || depth >= DEPTH) return;
    boxes.push({ frame, left, width, depth, key });
    let at = left;
    for (const [n, child] of frame.children.entries()) {
      place(child, at, depth + 1, `${key}.${n}`);
      at += child.total / root.total;
    }
  };
  place(root, 0, 0, '0');
  return boxes;
}
