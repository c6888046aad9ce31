const { PATH = '', NODE_COMPILE_CACHE } = process.env;

/**
 * The environment of a child that is to see nothing of this machine's: where programs are, and what this run has
 * compiled already, so that the child starts fast.
 */
export const BARE_ENV: Readonly<Record<string, string>> = {
  PATH,
  ...(NODE_COMPILE_CACHE !== undefined && { NODE_COMPILE_CACHE }),
};
