/** One node:http service in the variant that `argv[2]` names, measured through IPC. */
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { serve } from '../lib/measured.ts';
import { type Answer, answerer, handlerOf, plimsoll, plimsollOff, variant } from './service.ts';

let hooks: string[] = [];

const variants: Record<string, () => Promise<RequestListener>> = {
  bare: async () => listener(answerer()),
  async on() {
    const obs = await plimsoll();
    return obs.handler(listener(answerer(handlerOf(obs)), template => obs.route(template)));
  },
  async off() {
    const obs = await plimsollOff();
    const bare = listener(answerer(handlerOf(obs)), template => obs.route(template));
    const wrapped = obs.handler(bare);
    if (wrapped !== bare) hooks = ['handler'];
    return wrapped;
  },
};

function listener(answer: Answer, named?: (template: string) => void): RequestListener {
  return (req, res) => {
    const path = req.url ?? '/';
    if (!path.startsWith('/users/')) {
      res.writeHead(404).end();
      return;
    }
    named?.('/users/:id');
    const body = JSON.stringify(answer(path.slice('/users/'.length)));
    res.writeHead(200, { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) });
    res.end(body);
  };
}

const server = createServer(await (variants[variant] as () => Promise<RequestListener>)());
server.listen(0, '127.0.0.1', () => {
  serve({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, hooks });
});
