import { metricsAnswer } from '@plimsoll/wire/ops';
import { gzip } from '../../base/gzip.ts';
import type { KitCore } from '../../kernel/kit.ts';
import type { Route } from '../../kernel/part.ts';
import { CONTENT_TYPES } from '../../signals/metrics/exposition.ts';
import { negotiate } from '../../signals/metrics/negotiate.ts';

/** The fastest level halves the bytes of the slowest at a tenth of its time. */
const GZIP_LEVEL = 1;
/** Smaller texts are not worth it: they fit in one packet. */
const GZIP_FROM_BYTES = 1400;

/** The text for a scrape. Public in development only; elsewhere the option is refused, and loudly. */
export function metricsRoutes(kit: KitCore): readonly Route[] {
  const open = kit.config.get('metrics.public') && kit.config.development;
  return [
    {
      method: 'GET',
      path: '/metrics',
      access: open ? 'open' : 'admin',
      summary: 'Prometheus or OpenMetrics text, by Accept',
      answer: metricsAnswer,
      media: 'text/plain',
      handle: async ({ request }) => {
        const format = negotiate(request.headers.get('accept') ?? undefined);
        const text = await kit.metrics.expose(format);
        const headers = { 'content-type': CONTENT_TYPES[format], vary: 'accept, accept-encoding' };
        if (text.byteLength < GZIP_FROM_BYTES || !acceptsGzip(request))
          return new Response(text as Uint8Array<ArrayBuffer>, { headers });
        const body = await gzip(text, { level: GZIP_LEVEL });
        return new Response(body as Uint8Array<ArrayBuffer>, {
          headers: { ...headers, 'content-encoding': 'gzip' },
        });
      },
    },
  ];
}

/** RFC 9110, 12.5.3, for the one coding there is: named (or `*`) with a weight over 0. */
function acceptsGzip(request: Request): boolean {
  let any = false;
  for (const range of (request.headers.get('accept-encoding') ?? '').toLowerCase().split(',')) {
    const [coding = '', ...parameters] = range.split(';').map(part => part.trim());
    const weight = parameters.find(parameter => parameter.startsWith('q='));
    const wanted = weight === undefined || Number(weight.slice(2)) > 0;
    if (coding === 'gzip' || coding === 'x-gzip') return wanted;
    if (coding === '*') any = wanted;
  }
  return any;
}
