// An app that knows nothing of Plimsoll: CommonJS, listening in the same turn in which it is loaded.
const http = require('node:http');
const server = http.createServer((req, res) => {
  if (req.url === '/boom') {
    res.statusCode = 500;
    res.end();
    return;
  }
  if (req.url.startsWith('/users/')) {
    // What a service can do without an import: the default Obs names the route and tells the context.
    const obs = globalThis[Symbol.for('plimsoll.default')];
    obs?.route('/users/:id');
    setImmediate(() => res.end(JSON.stringify({ id: obs?.context.current()?.requestId ?? null })));
    return;
  }
  req.resume().on('end', () => res.end('ok'));
});
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
process.on('message', () => process.exit(0));
