/** What the calls are made with: the same for each library. */
import { tmpdir } from 'node:os';

export const METHODS = ['GET', 'POST', 'PUT', 'DELETE'] as const;
export const ROUTES = ['/users/:id', '/users', '/orders/:id', '/orders', '/health'] as const;
export const STATUSES = ['200', '201', '404', '500'] as const;

/** A hundred label sets of three, made once: callers that allocate theirs pay for it with any library. */
export const LABELS3 = Array.from({ length: 100 }, (_, i) => ({
  method: METHODS[i % METHODS.length] as string,
  route: ROUTES[i % ROUTES.length] as string,
  status: STATUSES[(i >> 2) % STATUSES.length] as string,
}));
export const LABELS1 = STATUSES.map(status => ({ status }));
export const NAMES3 = ['method', 'route', 'status'] as const;
export const BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

export const seconds = (i: number): number => (i % 997) / 400;

export const attributes6 = (i: number) => ({
  'http.request.method': 'GET',
  'http.route': '/users/:id',
  'http.response.status_code': 200,
  'server.port': 3000,
  'app.tenant': 'blue',
  'app.items': i % 50,
});

export const fields2 = (i: number) => ({ status: 200, latency_ms: i % 97 });
export const fields6 = (i: number) => ({
  status: 201,
  method: 'POST',
  latency_ms: (i % 997) / 8,
  channel: 'chat.messages',
  platform: 'web',
  items: i % 50,
});
export const fields20 = (i: number) => ({
  ...{
    a_count: i,
    b_name: 'value one',
    c_flag: true,
    d_size: 128,
    e_kind: 'image',
    f_ok: false,
    g_ratio: 0.25,
  },
  ...{
    h_page: 3,
    i_label: 'second value',
    j_done: true,
    k_total: 77,
    l_format: 'json',
    m_retry: 0,
    n_ms: 12.5,
  },
  ...{ o_stage: 'publish', p_part: 2, q_state: 'running', r_width: 640, s_height: 480, t_codec: 'none' },
});
export const nested = (i: number) => ({
  order: {
    number: i,
    total: 12.5,
    lines: [
      { sku: 'a-1', n: 1 },
      { sku: 'b-2', n: 2 },
    ],
  },
  shipping: { method: 'post', express: false },
});

const WORDS =
  'alpha beta gamma delta epsilon zeta eta theta iota kappa omega mu nu xi omicron pi rho sigma tau upsilon phi chi psi north south east west up down'.split(
    ' ',
  );

/** Payloads of 35 keys, six of them direct identifiers; ids differ, so that no digest can be remembered. */
export const PAYLOADS: readonly object[] = Array.from({ length: 2048 }, (_, n) => ({
  ...Object.fromEntries(
    WORDS.map((word, k) => [`${word}_x`, k % 3 === 0 ? k : k % 3 === 1 ? `plain text ${k}` : k % 2 === 0]),
  ),
  ...{ user_id: `u-${n}`, account_id: `acc-${n}`, device_id: `dev-${n}` },
  ...{ session_id: `s-${n}`, author_id: n, member_id: `m-${n}` },
}));

/** Where lines go; whoever started this process removes it. */
export function logFolder(): string {
  return process.env['BENCH_FOLDER'] ?? tmpdir();
}
