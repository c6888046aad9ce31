// Says whether an instrumentation reached what an ES module imports.
import { Hono } from 'hono';

process.send({ class: Hono.name });
process.on('message', () => process.exit(0));
