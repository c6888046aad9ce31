import type { CrashFrame } from '@plimsoll/wire/ops';
import { useState } from 'preact/hooks';

interface FramesProps {
  readonly label: string;
  readonly frames: readonly CrashFrame[];
}

/** Where it was written, and beside it where it ran. What is not the service's own stays folded. */
export function Frames({ label, frames }: FramesProps) {
  const own = frames.filter(frame => frame.own);
  const [all, setAll] = useState(own.length === 0);
  if (frames.length === 0) return <p class="meta">No frame could be read.</p>;
  const shown = all ? frames : own;
  const rest = frames.length - own.length;
  return (
    <>
      <ol class="frames" aria-label={label}>
        {shown.map((frame, n) => (
          // Two frames may be alike, and the list does not change.
          <li key={n} data-own={frame.own}>
            <span class="frame-name">{frame.source?.function ?? frame.function}</span>
            <code>{place(frame.source ?? frame)}</code>
            {frame.source && <span class="meta">ran at {place(frame)}</span>}
          </li>
        ))}
      </ol>
      {rest > 0 && own.length > 0 && (
        <button type="button" class="quiet" aria-pressed={all} onClick={() => setAll(!all)}>
          {all ? 'Only our own' : `${rest} of Node and of dependencies`}
        </button>
      )}
    </>
  );
}

const place = ({ file, line, column }: { file: string; line: number; column: number }): string =>
  `${file}:${line}:${column}`;
