/**
 * A module of Node's, as `require` gives it. To import `node:http` reads each of its exports once, one of which is
 * undici: 30 ms of a start. `node:util` and `node:zlib` have such exports as well.
 */
export const builtin = process.getBuiltinModule.bind(process) as typeof process.getBuiltinModule;
