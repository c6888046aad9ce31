import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { Agent } from 'node:http';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { after, before, describe, it } from 'node:test';
import { freePort } from '../../../test/support/free-port.ts';
import { get } from './drain/service.ts';
import { type Collector, FAULTS, healthy, type Transport } from './faults/collectors.ts';
import { until } from './unit/parts/support.ts';

const QUEUE = 2_000_000;
const REQUESTS = 2000;
const CLIENTS = 16;
/** What a queue of encoded spans may cost beside its bytes: requests in the making, sockets' buffers, garbage of the runtime. */
const SLACK = 16_000_000;

interface State {
  readonly exported: number;
  readonly dropped: number;
  readonly queueBytes: number;
  /** Spans that ended so far. */
  readonly recorded: number;
  /** Heap and external memory after a collection. */
  readonly bytes: number;
}

for (const transport of ['http', 'grpc'] as const) {
  describe(`a collector over ${transport}, under full load,`, () => {
    let port: number;
    let service: Service;
    let collector: Collector;
    before(async () => {
      port = await freePort();
      collector = await healthy(transport, port);
      service = await startService(transport, port);
      await service.load(REQUESTS);
      await until(async () => (await service.state()).exported > 0);
    });
    after(async () => {
      service.child.kill('SIGKILL');
      await collector.close();
    });

    for (const [what, fault] of Object.entries(FAULTS[transport])) {
      it(`that ${what} costs bounded memory and no request, and is used again once it is well`, async () => {
        const calm = await service.state('/flush');
        await collector.close();
        collector = await fault(port);
        for (let round = 0; round < 3; round++) {
          assert.deepEqual(await service.load(REQUESTS), new Map([[200, REQUESTS]]));
          const { queueBytes, bytes } = await service.state();
          assert.ok(queueBytes <= QUEUE, `${queueBytes} bytes wait`);
          assert.ok(bytes < calm.bytes + 2 * QUEUE + SLACK, `${bytes} bytes, ${calm.bytes} before`);
        }
        const hurt = await service.state();
        assert.ok(hurt.dropped > calm.dropped, 'nothing was dropped');

        await collector.close();
        collector = await healthy(transport, port);
        await until(async () => (await service.state()).exported > hurt.exported);
        await until(async () => {
          const { exported, dropped, recorded } = await service.state('/flush');
          return exported + dropped === recorded;
        });
      });
    }
  });
}

interface Service {
  readonly child: ChildProcess;
  state(path?: string): Promise<State>;
  /** Answers by status. Rejects where one did not come. */
  load(requests: number): Promise<Map<number, number>>;
}

async function startService(transport: Transport, collector: number): Promise<Service> {
  const scheme = transport === 'grpc' ? 'grpc' : 'http';
  const file = join(import.meta.dirname, 'faults', 'app.ts');
  const child = spawn(process.execPath, ['--conditions=plimsoll-source', file], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: {
      ...{
        PATH: process.env['PATH'] ?? '',
        OTEL_EXPORTER_OTLP_ENDPOINT: `${scheme}://127.0.0.1:${collector}`,
      },
      ...{ OTEL_LOGS_EXPORTER: 'none', OTEL_METRICS_EXPORTER: 'none', OTEL_BSP_SCHEDULE_DELAY: '50' },
      ...{ OBS_OTLP_MAX_QUEUE_BYTES: String(QUEUE), OTEL_EXPORTER_OTLP_TIMEOUT: '1000' },
      LOG_SAMPLING_RATE_INFO: '0',
    },
  });
  const { port, control } = await portsOf(child);
  return {
    child,
    state: async (path = '/') => JSON.parse((await get(control, path)).body) as State,
    load: requests => load(port, requests),
  };
}

/** The line that holds them; those before and after it are the log. */
function portsOf(child: ChildProcess): Promise<Record<'port' | 'control', number>> {
  return new Promise(resolve => {
    createInterface(child.stdout!).on('line', line => {
      if (line.startsWith('{"port"')) resolve(JSON.parse(line));
    });
  });
}

async function load(port: number, requests: number): Promise<Map<number, number>> {
  const answers = new Map<number, number>();
  let left = requests;
  const client = async (): Promise<void> => {
    const agent = new Agent({ keepAlive: true, maxSockets: 1 });
    while (left-- > 0) {
      const { status } = await get(port, '/', agent);
      answers.set(status, (answers.get(status) ?? 0) + 1);
    }
    agent.destroy();
  };
  await Promise.all(Array.from({ length: CLIENTS }, client));
  return answers;
}
