type Listener = (...args: never[]) => void;

/**
 * Listens to the process, before all others where `first`, and gives back what ends it. Node warns of a leak from the
 * eleventh listener on, which several kits in one process are not: each makes room for its own.
 */
export function onProcess(event: string, listener: Listener, { first = false } = {}): () => void {
  const events: NodeJS.EventEmitter = process;
  const heard = listener as () => void;
  room(1);
  if (first) events.prependListener(event, heard);
  else events.on(event, heard);
  let listening = true;
  return () => {
    if (!listening) return;
    listening = false;
    events.off(event, heard);
    room(-1);
  };
}

function room(change: number): void {
  const most = process.getMaxListeners();
  // 0 is no limit.
  if (most > 0) process.setMaxListeners(most + change);
}
