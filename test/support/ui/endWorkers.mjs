// Ends the worker threads of a Node process that listens to its inspector, as a crash would: `node --experimental-websocket endWorkers.mjs PORT`.
import process from 'node:process';

/** @typedef {{ id?: number, result?: any, error?: { message: string } }} Answer */

const [port] = process.argv.slice(2);
const [target] = /** @type {{ webSocketDebuggerUrl: string }[]} */ (
  await (await fetch(`http://127.0.0.1:${port}/json/list`)).json()
);
const socket = new WebSocket(target.webSocketDebuggerUrl);
/** @type {Map<number, (answer: Answer) => void>} */
const waiting = new Map();
socket.addEventListener('message', ({ data }) => {
  const answer = /** @type {Answer} */ (JSON.parse(String(data)));
  waiting.get(answer.id ?? 0)?.(answer);
});
await new Promise((resolve, reject) => {
  socket.addEventListener('open', resolve);
  socket.addEventListener('error', () => reject(new Error(`nothing listens at ${port}`)));
});

let calls = 0;
/**
 * @param {string} method Of the DevTools protocol.
 * @param {object} params
 */
async function call(method, params) {
  const id = ++calls;
  /** @type {Promise<Answer>} */
  const answered = new Promise((resolve) => waiting.set(id, resolve));
  socket.send(JSON.stringify({ id, method, params }));
  const { result, error } = await answered;
  if (error) {
    throw new Error(`${method}: ${error.message}`);
  }
  return result;
}

const { result: kind } = await call('Runtime.evaluate', {
  expression: "process.getBuiltinModule('node:worker_threads').Worker.prototype",
});
const { objects } = await call('Runtime.queryObjects', { prototypeObjectId: kind.objectId });
const { result: ended } = await call('Runtime.callFunctionOn', {
  objectId: objects.objectId,
  functionDeclaration: `function () {
    // Classes derived from Worker have such prototypes, too.
    const running = [...this].filter((each) => !Object.hasOwn(each, 'constructor') && each.threadId > 0);
    running.forEach((worker) => void worker.terminate());
    return running.length;
  }`,
  returnByValue: true,
});
socket.close();
console.log(`${ended.value} workers ended`);
process.exitCode = ended.value > 0 ? 0 : 1;
