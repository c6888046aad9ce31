import { useEffect, useRef } from 'preact/hooks';
import { panels } from '../panels/registry.ts';

const KEYS: readonly (readonly [string, string])[] = [
  ['/', 'Search'],
  ['j  k', 'Next and previous row'],
  ['Enter', 'Open the row'],
  ['x', 'Mark a trace to compare'],
  ['← →', 'Close and open spans of a trace'],
  ['p', 'Pause and resume'],
  ['t', 'Dark or light'],
  ['?', 'This help'],
];

export function Help({ onClose }: { onClose: () => void }) {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => dialog.current?.showModal(), []);
  return (
    <dialog ref={dialog} class="help" onClose={onClose} aria-labelledby="help-title">
      <h2 id="help-title">Keyboard</h2>
      <dl>
        {panels.map(panel => (
          <div key={panel.key}>
            <dt>
              <kbd>g</kbd> <kbd>{panel.key}</kbd>
            </dt>
            <dd>{panel.title}</dd>
          </div>
        ))}
        {KEYS.map(([key, what]) => (
          <div key={key}>
            <dt>
              {key.split('  ').map(one => (
                <kbd key={one}>{one}</kbd>
              ))}
            </dt>
            <dd>{what}</dd>
          </div>
        ))}
      </dl>
      <form method="dialog">
        <button type="submit">Close</button>
      </form>
    </dialog>
  );
}
