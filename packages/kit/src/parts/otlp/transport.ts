/** What became of one export. Expected failures are values; a rejection would be a bug. */
export type ExportResult =
  | {
      readonly ok: true;
      /** Entries that the collector took the request without. */
      readonly rejected: number;
      readonly message: string;
    }
  | {
      readonly ok: false;
      /** An HTTP status, a gRPC status by its name, an error code of the system in capitals, `timeout` or `aborted`. */
      readonly code: string;
      /** True where the same bytes may be taken later. */
      readonly retryable: boolean;
      /** How long the collector asked us to wait, in milliseconds. */
      readonly retryAfterMs?: number;
    };

export interface Transport {
  /** Sends one encoded request. Never rejects. */
  send(body: Uint8Array): Promise<ExportResult>;
  /** Ends what is under way with `aborted`, and drops idle connections. It can be used again after that. */
  abort(): void;
}
