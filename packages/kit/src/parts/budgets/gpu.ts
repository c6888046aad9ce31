import { execFile } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import type { Gpu } from '@plimsoll/wire';

const QUERY = [
  '--query-gpu=index,name,utilization.gpu,memory.used,memory.total,temperature.gpu',
  '--format=csv,noheader,nounits',
];
const LIMIT_MS = 600;

/** Asks `nvidia-smi` for the GPUs; undefined where the machine has no such command. Never rejects. */
export function gpuReader(path = process.env['PATH'] ?? ''): (() => Promise<readonly Gpu[]>) | undefined {
  const command = path
    .split(delimiter)
    .map(folder => join(folder, process.platform === 'win32' ? 'nvidia-smi.exe' : 'nvidia-smi'))
    .find(isExecutable);
  if (command === undefined) return undefined;
  return () =>
    new Promise(resolve => {
      execFile(
        command,
        QUERY,
        { timeout: LIMIT_MS, killSignal: 'SIGKILL', windowsHide: true },
        (error, out) => resolve(error === null ? parse(out) : []),
      ).unref();
    });
}

function parse(text: string): readonly Gpu[] {
  return text
    .split('\n')
    .map(line => line.split(',').map(cell => cell.trim()))
    .filter(cells => cells.length >= 6 && /^\d+$/.test(cells[0] as string))
    .map(([id, name = '', util, used, total, temp]) => ({
      ...{ id: Number(id), name, util: amount(util), mem_used: amount(used) },
      ...{ mem_total: amount(total), temp_c: amount(temp) },
    }));
}

/** Some figures are `[N/A]` on some cards. */
const amount = (text: string | undefined): number => (Number.isFinite(Number(text)) ? Number(text) : 0);

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
