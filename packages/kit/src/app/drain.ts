import type { AddressInfo } from 'node:net';
import type { KitCore } from '../kernel/kit.ts';
import type { Part, Teardown } from '../kernel/part.ts';
import { Servers } from './drain/servers.ts';
import { endBy, exitBy, isHandledByApp, isSignal, mark, markAdded } from './drain/signals.ts';
import { type DrainStep, Steps } from './drain/steps.ts';
import { exitPart } from './exit.ts';

/** What `kit.read('drain')` gives. */
export interface Drain {
  /** Undefined while the process serves as ever. */
  readonly step: DrainStep | undefined;
  /**
   * Not ready, wait, stop accepting, finish what is under way. Resolves after the last answer; flush and end are the
   * caller's. For apps that listen to the signals themselves.
   */
  run(): Promise<void>;
}

/** npm and its like pass Ctrl-C on to a process that the terminal has told already: an echo, not a second wish. */
const ECHO_MS = 100;
/** In production a load balancer needs a few probes to notice; nobody waits for one in development. */
const DELAY_MS = 5000;

/**
 * Ends the process in order when a signal asks for it: `/health/ready` says 503, answers close their connections,
 * a pause for the load balancers, no new connections, what is under way finishes, everything is flushed, and the
 * process dies of the signal. A second signal ends it at once.
 *
 * Where the app listens to the signal itself, only the first two happen, and the rest is the app's: it may await
 * `obs.read('drain').run()`, then close what it has opened, `obs.close()`, and exit.
 */
export function drainPart(kit: KitCore): Part {
  return { name: 'drain', setup: () => setup(kit) };
}

function setup(kit: KitCore): Teardown {
  const { config } = kit;
  const stopExit = markAdded('exit', () => exitPart.setup(kit)) as Teardown;
  const servers = new Servers(server => isOpsPort(kit, server.address()));
  const steps = new Steps(kit, servers, {
    delayMs: config.get('drain.delayMs') ?? (config.development ? 0 : DELAY_MS),
    finishMs: config.get('drain.finishMs'),
    flushMs: config.get('drain.flushMs'),
  });
  const hide = kit.expose('drain', (): Drain => ({ step: steps.step, run: () => steps.serveOut('app') }));
  const stopListening = listen(kit, steps);
  return async () => {
    await hide();
    stopListening();
    servers.forget();
    await stopExit();
  };
}

/** First in the line of listeners: one that an app added with `once` would be gone before we look for it. */
function listen(kit: KitCore, steps: Steps): () => void {
  const signals = kit.config.get('drain.signals').filter(isSignal);
  let first: { readonly signal: NodeJS.Signals; readonly time: number } | undefined;

  const onSignal = mark(signal => {
    const again = first !== undefined;
    if (again && signal === first?.signal && performance.now() - first.time < ECHO_MS) return;
    first ??= { signal, time: performance.now() };
    if (isHandledByApp(signal)) return steps.announce(signal);
    if (again) return exitBy(signal);
    void steps.toTheEnd(signal).then(() => {
      stop();
      endBy(signal);
    });
  }, 'drain');
  const stop = (): void => {
    for (const signal of signals) process.removeListener(signal, onSignal);
  };
  for (const signal of signals) process.prependListener(signal, onSignal);
  return stop;
}

function isOpsPort(kit: KitCore, address: AddressInfo | string | null): boolean {
  const ops = kit.read<AddressInfo | null>('ops-address');
  return typeof address === 'object' && ops?.port !== undefined && ops.port === address?.port;
}
