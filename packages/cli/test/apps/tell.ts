/** Says what it was started with, then waits for the first signal, or ends as its first argument says. */
const names = process.argv.slice(3);
const how: string = process.argv[2] ?? 'exit:0';
const [verb, what = ''] = how.split(':');
if (verb === 'wait') {
  const stay = setInterval(() => {}, 1000);
  process.once('SIGTERM', () => {
    console.log('told SIGTERM');
    clearInterval(stay);
    process.exitCode = Number(what);
  });
}
console.log(
  JSON.stringify({
    argv: process.argv.slice(2),
    execArgv: process.execArgv,
    env: Object.fromEntries(names.map(name => [name, process.env[name] ?? null])),
  }),
);
if (verb === 'exit') process.exitCode = Number(what);
if (verb === 'die') process.kill(process.pid, what);
if (verb === 'throw') throw new Error('on purpose');

export {};
