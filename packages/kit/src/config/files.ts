import { closeSync, existsSync, fstatSync, openSync, readFileSync, realpathSync, statSync } from 'node:fs';
import { dirname, join, resolve, sep } from 'node:path';

/** Where options are looked for when nobody says otherwise. */
export const DEFAULT_CONFIG_FILE = 'config/plimsoll.json';

/** One config file as it was read, or found missing. */
export interface ReadFile {
  /** Absolute. */
  readonly path: string;
  /** Undefined when there is no such file, or it can't be read. */
  readonly text: string | undefined;
  /** Changes when the file does; `none` for no file. */
  readonly stamp: string;
}

const MISSING = 'none';

/** Reads a file and its stamp through one handle, so that the two belong together. */
export function readConfigFile(path: string): ReadFile {
  let fd: number;
  try {
    fd = openSync(path, 'r');
  } catch {
    return { path, text: undefined, stamp: MISSING };
  }
  try {
    const { mtimeNs, size, ino } = fstatSync(fd, { bigint: true });
    return { path, text: readFileSync(fd, 'utf8'), stamp: `${mtimeNs}:${size}:${ino}` };
  } catch {
    return { path, text: undefined, stamp: MISSING };
  } finally {
    closeSync(fd);
  }
}

/** The stamp alone; far cheaper than reading. */
export function stampOf(path: string): string {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : MISSING;
}

/** Parsed JSON, or undefined when it is none or not an object. A byte order mark is no error. */
export function parseObject(text: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

/** The folder from which relative config paths count: the runtime root, else the application's own. */
export function baseFolder(runtimeRoot: string | undefined, argv1: string | undefined): string {
  const home = applicationFolder(argv1);
  return runtimeRoot ? resolve(home, runtimeRoot) : home;
}

/** The folder of the nearest package.json above the script that was started, else the script's own. */
function applicationFolder(argv1: string | undefined): string {
  if (!argv1) return nearestPackage(process.cwd()) ?? process.cwd();
  const script = resolve(argv1);
  // A tool in node_modules that starts the application (fastify start) is not the application.
  const inside = script.indexOf(`${sep}node_modules${sep}`);
  const outer = inside < 0 ? undefined : nearestPackage(script.slice(0, inside) || sep);
  if (outer) return outer;
  let real = script;
  try {
    real = realpathSync(script);
  } catch {
    // Not a file: a REPL, or a bundle that made the path up.
  }
  return nearestPackage(dirname(real)) ?? dirname(real);
}

/** The repository that holds the application, where there is one; else the application's folder. */
export function repositoryFolder(argv1: string | undefined): string {
  const home = applicationFolder(argv1);
  return nearest(home, '.git') ?? home;
}

const nearestPackage = (from: string): string | undefined => nearest(from, 'package.json');

function nearest(from: string, name: string): string | undefined {
  for (let folder = from; ; folder = dirname(folder)) {
    if (existsSync(join(folder, name))) return folder;
    if (dirname(folder) === folder) return undefined;
  }
}
