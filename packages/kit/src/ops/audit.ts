import type { Attributes } from '@plimsoll/wire';
import type { KitCore } from '../kernel/kit.ts';
import type { Peer, Route } from '../kernel/part.ts';
import { RESERVED } from '../signals/log/core.ts';

export interface Use {
  readonly route: Pick<Route, 'method' | 'path'>;
  readonly peer: Peer;
  readonly result: 'allowed' | 'forbidden' | 'locked';
  /** What the token is for, where it was or should have been one of a scope. */
  readonly scope?: string;
}

const LOGGER = 'plimsoll.audit';

/**
 * One line per use of a token. It goes past the level and the sampling of info lines: an audit with gaps
 * is none. The peer's address is hashed, so that uses can be told apart and nobody is named.
 */
export function createAudit(kit: KitCore): (use: Use) => void {
  const { log } = kit.core;
  const heads = log.heads(LOGGER);
  return ({ route, peer, result, scope }) => {
    if (log.rootLevel === 'silent') return;
    const level = result === 'allowed' ? 'info' : 'warn';
    const now = kit.clock.now();
    const context = kit.context.current();
    const fields = {
      method: route.method,
      ops_route: route.path,
      result,
      ...(scope !== undefined && { scope }),
      ...(peer.address !== undefined && { peer: kit.privacy.hash(peer.address, 'ip') }),
    };
    const rest = (context ? log.ids(context) : '') + kit.privacy.fields(fields, RESERVED);
    const message = scope !== undefined && result === 'allowed' ? 'scope_token_used' : 'admin_token_used';
    log.write(level, now, heads.of(level, message) + rest);
    if (log.recordSink) {
      const attributes = kit.privacy.redact(fields, 'logs') as Attributes;
      log.record(level, now, message, { logger: LOGGER, attributes });
    }
  };
}
