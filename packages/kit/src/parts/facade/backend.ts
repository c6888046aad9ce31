/** Where the facade's calls go, after their names and numbers were checked. What it throws is warned of once. */
export interface Backend {
  readonly name: string;
  event(event: string, properties: unknown): void;
  metric(metric: string, value: number, tags: unknown): void;
  timing(operation: string, durationMs: number, tags: unknown): void;
}
