import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { Agent, type IncomingMessage, request } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after } from 'node:test';
import { BARE_ENV } from '../../../../test/support/bare-env.ts';

export interface Line {
  readonly msg: string;
  readonly step?: string;
  readonly [field: string]: unknown;
}

export interface Service {
  readonly child: ChildProcess;
  readonly port: number;
  readonly ops: number;
  readonly lines: Line[];
  /** Resolves with the first line, past or future, that has this message. */
  line(msg: string): Promise<Line>;
  /** Resolves once this step was logged. */
  step(name: string): Promise<Line>;
  /** Code and signal of the end. */
  readonly ended: Promise<readonly [number | null, NodeJS.Signals | null]>;
  /** The steps that were logged, in order. */
  steps(): string[];
}

/** Starts `app.ts` as a process of its own. */
export async function start(env: Record<string, string> = {}): Promise<Service> {
  const args = ['--conditions=plimsoll-source', join(import.meta.dirname, 'app.ts')];
  const child = spawn(process.execPath, args, {
    env: { ...BARE_ENV, OTEL_SERVICE_NAME: 'drained', ...env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  after(() => child.kill('SIGKILL'));
  const ended = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const lines: Line[] = [];
  const waiting = new Set<() => void>();
  createInterface(child.stdout!).on('line', text => {
    lines.push(JSON.parse(text) as Line);
    for (const look of [...waiting]) look();
  });
  const first = <T extends Line>(test: (line: Line) => boolean): Promise<T> =>
    new Promise(resolve => {
      const look = (): void => {
        const line = lines.find(test);
        if (line === undefined) return;
        waiting.delete(look);
        resolve(line as T);
      };
      waiting.add(look);
      look();
    });
  const { port, ops } = await first<Line & { port: number; ops: number }>(line => 'port' in line);
  return {
    ...{ child, port, ops, lines, ended },
    step: name => first(line => line.msg === 'drain_step' && line.step === name),
    line: msg => first(line => line.msg === msg),
    steps: () => lines.filter(({ msg }) => msg === 'drain_step').map(({ step }) => step!),
  };
}

export interface Answer {
  readonly status: number;
  readonly connection: string | undefined;
  readonly body: string;
}

/** One request on a connection of its own, or of `agent`. */
export async function get(
  port: number,
  path = '/',
  agent = new Agent(),
  headers: Record<string, string> = {},
): Promise<Answer> {
  const outgoing = request({ host: '127.0.0.1', port, path, agent, headers }).end();
  const [incoming] = (await once(outgoing, 'response')) as [IncomingMessage];
  return read(incoming);
}

/** A request that is under way until `end` is called; `answer` rejects when it is cut. */
export async function hold(port: number, path: string): Promise<{ end(): void; answer: Promise<Answer> }> {
  const outgoing = request({ host: '127.0.0.1', port, path, method: 'POST', agent: new Agent() });
  const answer = once(outgoing, 'response').then(([incoming]) => read(incoming as IncomingMessage));
  answer.catch(() => {});
  await new Promise<void>(resolve => outgoing.write('begin', () => resolve()));
  return { end: () => outgoing.end(), answer };
}

async function read(incoming: IncomingMessage): Promise<Answer> {
  let body = '';
  for await (const chunk of incoming.setEncoding('utf8')) body += chunk;
  return { status: incoming.statusCode!, connection: incoming.headers.connection, body };
}
