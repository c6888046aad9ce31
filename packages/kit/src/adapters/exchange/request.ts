import { RootContext } from '../../signals/context/root.ts';
import type { RecordingSpan } from '../../signals/trace/span.ts';
import type { Exchanges } from '../exchange.ts';
import type { RouteHandles } from './handles.ts';

/** One request while it is under way: the context of its code, and the state of its span. */
export class Exchange extends RootContext<RecordingSpan> {
  readonly start: number;
  readonly method: string;
  handles: RouteHandles | undefined = undefined;
  /** Where the route is found once it is asked for, when nobody named it: an early answer has no handler. */
  routeOf: ((source: unknown) => RouteHandles | undefined) | undefined = undefined;
  source: unknown = undefined;
  error: unknown = undefined;
  /** It came after the answer had begun, so the status does not tell of it. */
  late = false;
  ip: string | undefined = undefined;
  /** The hash of `userId`, once the request is over. */
  userHash: string | undefined = undefined;
  /** Set where the end is told later than it came. */
  end: number | undefined = undefined;
  done = false;
  /** On Node: its headers say that a body follows. */
  hasBody = false;

  /** When it ended, epoch milliseconds: its exemplars have this time, and read no clock. */
  time = 0;
  readonly owner: Exchanges;

  constructor(owner: Exchanges, start: number, method: string) {
    super();
    this.owner = owner;
    this.start = start;
    this.method = method;
  }
}
