// Two frameworks in one process, each as its guide begins.
import express from 'express';
import fastify from 'fastify';

const app = express();
app.set('env', 'test');
const api = express.Router();
api.get('/items/:item', (req, res) => res.json({ item: req.params.item }));
api.get('/boom', () => {
  throw new Error('express broke');
});
app.use('/api', api);
const server = await new Promise(resolve => {
  const listening = app.listen(0, '127.0.0.1', () => resolve(listening));
});

const other = fastify();
other.get('/things/:thing', async request => ({ thing: request.params.thing }));
other.get('/boom', async () => {
  throw new Error('fastify broke');
});
await other.listen({ port: 0, host: '127.0.0.1' });

process.send({ port: server.address().port, fastify: other.server.address().port });
process.on('message', () => process.exit(0));
