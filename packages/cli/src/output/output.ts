/** Where a command writes, so that it can be run inside another program. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
  /** Ends this process as the signal would; absent where it is not the command's to end. */
  readonly die?: (signal: NodeJS.Signals) => void;
}

export function standardOutput(): Output {
  // The reader of a pipe may leave early, as `head` does: that is no failure, and there is nobody left to write for.
  process.stdout.once('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    process.exit(0);
  });
  return {
    out: text => {
      process.stdout.write(text);
    },
    error: text => {
      process.stderr.write(text);
    },
    die: signal => {
      process.kill(process.pid, signal);
    },
  };
}
