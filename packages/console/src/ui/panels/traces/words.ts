/** By OpenTelemetry's numbers. */
export const KIND_WORDS: Readonly<Record<number, string>> = {
  1: 'internal',
  2: 'server',
  3: 'client',
  4: 'producer',
  5: 'consumer',
};
export const STATUS_WORDS = { 0: 'Status not set', 1: 'Ok', 2: 'Error' } as const;
