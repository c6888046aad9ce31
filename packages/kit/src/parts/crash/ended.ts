import { closeSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import { join } from 'node:path';
import type { Ended } from './alive.ts';
import { timestampOf } from './dump.ts';
import { pick } from './node-report.ts';
import type { Reporter } from './reporter.ts';

const TAIL_BYTES = 64 * 1024;
const MAX_LINES = 50;
const HEAP = ['totalMemory', 'usedMemory', 'memoryLimit', 'heapSizeLimit'];

type Loose = Readonly<Record<string, unknown>>;
interface Report {
  readonly path: string;
  readonly header: Loose;
  readonly javascriptHeap?: Loose;
}

/** Tells of a process that ended without a word, with what it left: its last lines, and the report that V8 wrote. */
export function reportEnded(reporter: Reporter, ended: Ended): void {
  const report = findReport(ended);
  const reason = reasonOf(report, ended);
  const error = new Error(`the process ${ended.pid} ended without a word${reason && `: ${reason}`}`);
  error.name = report?.header['trigger'] === 'OOMError' ? 'OutOfMemory' : 'ProcessEnded';
  // Where this is written from says nothing about it.
  error.stack = `${error.name}: ${error.message}`;
  const { time, lines } = lastLines(ended.log);
  reporter.ended(error, {
    context: {
      ...{ pid: ended.pid, service: ended.service, version: ended.version },
      started: timestampOf(ended.started),
      ...(time !== undefined && { last_line: timestampOf(time) }),
      ...(ended.restarted && { machine_restarted: true }),
      ...(report && {
        report: { ...pick(report.header, ['event', 'trigger']), ...pick(report.javascriptHeap, HEAP) },
      }),
    },
    attach: [report?.path, ended.log].filter(path => path !== undefined),
    lines,
  });
}

function reasonOf(report: Report | undefined, { restarted }: Ended): string {
  if (report?.header['trigger'] === 'OOMError') return 'out of memory';
  if (report !== undefined) return String(report.header['event']);
  return restarted ? 'the machine was restarted' : '';
}

/** `--report-on-fatalerror` names its file after the process: report.DATE.TIME.PID.THREAD.NUMBER.json. */
function findReport({ reports, cwd, pid, started }: Ended): Report | undefined {
  for (const folder of new Set([reports, cwd])) {
    try {
      const names = readdirSync(folder).filter(name =>
        new RegExp(`^report\\.\\d+\\.\\d+\\.${pid}\\.`).test(name),
      );
      for (const name of names.sort().reverse()) {
        const path = join(folder, name);
        const report = JSON.parse(readFileSync(path, 'utf8')) as Omit<Report, 'path'>;
        if (Number(report.header['dumpEventTimeStamp']) >= started) return { ...report, path };
      }
    } catch {
      // No such folder, or half a report: it died while it wrote.
    }
  }
  return undefined;
}

/** The end of its log, which was redacted when it was written, and when that was. */
function lastLines(path: string | undefined): { time: number | undefined; lines: unknown[] } {
  if (path === undefined) return { time: undefined, lines: [] };
  try {
    const fd = openSync(path, 'r');
    try {
      const { size, mtimeMs } = fstatSync(fd);
      const bytes = Buffer.alloc(Math.min(size, TAIL_BYTES));
      readSync(fd, bytes, 0, bytes.length, size - bytes.length);
      const whole = bytes
        .toString('utf8')
        .split('\n')
        .slice(size > bytes.length ? 1 : 0);
      return {
        time: mtimeMs,
        lines: whole
          .filter(line => line !== '')
          .slice(-MAX_LINES)
          .map(parse),
      };
    } finally {
      closeSync(fd);
    }
  } catch {
    return { time: undefined, lines: [] };
  }
}

function parse(line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    return { msg: line };
  }
}
