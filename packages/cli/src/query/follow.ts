import type { LiveMessage, LogRow } from '@plimsoll/wire';
import type { Code } from './ask.ts';
import { type Client, createClient, Failure, noConsole, type Params } from './client.ts';

export interface Following {
  readonly console: string | undefined;
  readonly row: (row: LogRow) => void;
  /** Words beside the lines: that it began, that lines were left out. */
  readonly note: (text: string) => void;
}

/** Prints lines as they come until SIGINT or SIGTERM, which end it well; a console that goes away ends it with 3. */
export async function follow(params: Params, { console: given, row, note }: Following): Promise<Code> {
  const client = createClient(given, process.env);
  await checkFilters(client, params);
  const socket = client.live(params);
  let stopped = false;
  const stop = () => {
    stopped = true;
    socket.close();
  };
  process.once('SIGINT', stop).once('SIGTERM', stop);
  try {
    await new Promise<void>((resolve, reject) => {
      let open = false;
      socket.onmessage = ({ data }) => {
        const message = JSON.parse(String(data)) as LiveMessage;
        open = true;
        if (message.kind === 'ready') note('Following; Ctrl-C ends it.');
        if (message.kind !== 'logs') return;
        for (const line of message.rows) row(line);
        if (message.skipped > 0)
          note(`… ${message.skipped} lines left out: they came faster than they could be sent`);
      };
      socket.onclose = ({ reason }) => {
        if (stopped) return resolve();
        const url = new URL(socket.url.replace(/^ws/, 'http'));
        const why = reason ? ` (${reason})` : '';
        reject(new Failure(3, open ? `The console at ${url.origin} went away${why}.` : noConsole(url)));
      };
    });
  } finally {
    process.off('SIGINT', stop).off('SIGTERM', stop);
  }
  return 0;
}

/** A refused upgrade has no words, so a page of one line is asked first: it says what is wrong with a filter or a token. */
async function checkFilters(client: Client, params: Params): Promise<void> {
  await client.get('logs', { ...params, limit: 1 });
}
