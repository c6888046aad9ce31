import { useState } from 'preact/hooks';

/** Entries of one object or list that are drawn before somebody asks for more. */
const SHOWN = 100;
const OPEN_DEPTH = 2;

/** Any JSON value as a tree that folds. */
export function JsonView({ value, label }: { value: unknown; label: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: WCAG 2.1.1, a scrolling region must be reachable by keys
    <section class="json" aria-label={label} tabIndex={0}>
      <Node value={value} depth={0} />
    </section>
  );
}

interface NodeProps {
  readonly name?: string;
  readonly value: unknown;
  readonly depth: number;
}

function Node({ name, value, depth }: NodeProps) {
  if (typeof value !== 'object' || value === null) {
    return (
      <div class="json-row">
        {name !== undefined && <Key name={name} />}
        <Scalar value={value} />
      </div>
    );
  }
  return <Branch {...(name !== undefined && { name })} value={value} depth={depth} />;
}

function Branch({ name, value, depth }: NodeProps & { readonly value: object }) {
  const [shown, setShown] = useState(SHOWN);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const size = `${entries.length} ${list ? 'items' : 'keys'}`;
  if (entries.length === 0) {
    return (
      <div class="json-row">
        {name !== undefined && <Key name={name} />}
        {list ? '[]' : '{}'}
      </div>
    );
  }
  return (
    <details open={depth < OPEN_DEPTH}>
      <summary>
        {name === undefined ? '' : <Key name={name} />}
        <span class="meta">{list ? `[${size}]` : `{${size}}`}</span>
      </summary>
      {entries.slice(0, shown).map(([key, child]) => (
        <Node key={key} name={key} value={child} depth={depth + 1} />
      ))}
      {entries.length > shown && (
        <button type="button" class="quiet" onClick={() => setShown(shown + 10 * SHOWN)}>
          {entries.length - shown} more
        </button>
      )}
    </details>
  );
}

function Key({ name }: { name: string }) {
  return <span class="json-key">{name}: </span>;
}

function Scalar({ value }: { value: unknown }) {
  if (typeof value === 'string') return <span class="json-text">{JSON.stringify(value)}</span>;
  return <span class={value === null ? 'meta' : 'json-value'}>{String(value)}</span>;
}
