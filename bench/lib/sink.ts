import type { ChildProcess } from 'node:child_process';
import type { Mode } from './collector.ts';
import { ask, message, pinned, SINK_CORE, script } from './processes.ts';

export interface Sink {
  readonly url: string;
  /** Sets how it answers from now on; gives what it got so far. */
  mode(mode?: Mode): Promise<{ bytes: number; requests: number }>;
  close(): void;
}

export async function startSink(): Promise<Sink> {
  const child: ChildProcess = pinned(SINK_CORE, [script('lib/collector.ts')]);
  const { url } = await message<{ url: string }>(child);
  return { url, mode: mode => ask(child, mode ? { mode } : {}), close: () => void child.kill() };
}
