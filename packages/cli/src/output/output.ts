/** Where a command writes, so that it can be run inside another program. */
export interface Output {
  readonly out: (text: string) => void;
  readonly error: (text: string) => void;
}

export function standardOutput(): Output {
  return {
    out: text => {
      process.stdout.write(text);
    },
    error: text => {
      process.stderr.write(text);
    },
  };
}
