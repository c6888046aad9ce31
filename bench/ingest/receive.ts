/** The console's receiver and store as a user runs them, over IPC: says where it listens, closes when told. */
interface Started {
  readonly otlpHttp: string;
  close(): Promise<void>;
}

const { startConsole } = (await import('../../packages/console/dist/server.js')) as unknown as {
  startConsole(options: object): Promise<Started>;
};
const [, , dir] = process.argv;
const console = await startConsole({ dir, port: 0, otlpHttpPort: 0, otlpGrpcPort: 0 });
process.on('message', async () => {
  const before = performance.now();
  await console.close();
  const { user, system } = process.cpuUsage();
  const left = { closing: performance.now() - before, cpu: user + system };
  process.send?.({ ...left, rss: process.memoryUsage.rss() }, () => process.exit(0));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ url: console.otlpHttp });
