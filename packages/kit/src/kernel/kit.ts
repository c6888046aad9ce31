import type { BytePipe } from '../base/pipe.ts';
import type { Context } from '../signals/context/context.ts';
import type { LogCore } from '../signals/log/core.ts';
import type { TraceCore } from '../signals/trace/tracer.ts';
import type { Kit, RouteGroup, UpgradeHandler } from './part.ts';

/** A request that ended in an error, as the crash reporter is told of it. */
export interface FailedRequest {
  readonly error: unknown;
  readonly context: Context;
  readonly method: string;
  /** The template. */
  readonly route: string;
}

/** What the adapters and the ops API need beyond `Kit`: the fast paths under its surface. */
export interface KitCore extends Kit {
  readonly core: {
    readonly log: LogCore;
    readonly trace: TraceCore;
    readonly spans: BytePipe;
    readonly logs: BytePipe;
    /** The route groups in use, and a version that rises when they change. */
    groups(): readonly RouteGroup[];
    groupsVersion(): number;
    /** Who takes WebSocket handshakes, by path. */
    readonly upgrades: ReadonlyMap<string, UpgradeHandler>;
    /** Called when the first of them came, and when the last is gone. */
    onUpgrades: (() => void) | undefined;
    /** Hands buffered records and lines on, synchronously. */
    flush(): void;
    /** Set while somebody reports crashes; called once for each request that failed, after its error line. */
    readonly failures: { sink: ((failed: FailedRequest) => void) | undefined };
  };
}
