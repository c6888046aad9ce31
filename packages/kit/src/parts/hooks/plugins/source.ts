/**
 * What runs in a plugin's worker, as text: a worker needs a file or a text of its own, and a text is there in every
 * build. It loads the plugin, calls the function named like the hook, and says how that ended.
 */
export const WORKER = `
const { parentPort, workerData } = require('node:worker_threads');
// On Linux a priority is a thread's: the app comes first wherever a plugin burns a core. Elsewhere it is the process's.
// Not by much: the app's thread waits for this one where they share a lock, and when it ends. On two cores that three
// other processes want as well, it waited for 720 ms at the lowest priority, and for 30 ms at this one.
if (process.platform === 'linux') try { require('node:os').setPriority(0, 3); } catch {}
const text = error => {
  try { return String((error && error.stack) || error).slice(0, 2000); } catch { return 'unreadable'; }
};
import(workerData.url).then(
  loaded => {
    const plugin = { ...(typeof loaded.default === 'object' ? loaded.default : {}), ...loaded };
    const names = Object.keys(plugin).filter(name => typeof plugin[name] === 'function');
    parentPort.on('message', async ({ call, event, data }) => {
      try {
        await plugin[event](data);
        parentPort.postMessage({ call });
      } catch (error) {
        parentPort.postMessage({ call, error: text(error) });
      }
    });
    parentPort.postMessage({ ready: names });
  },
  error => parentPort.postMessage({ failed: text(error) }),
);
`;
