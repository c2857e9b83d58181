/** How a bench hears from the processes it started. */

/** The next message of a forked process. Rejects if it ends without one. */
export function messageOf(child) {
  return new Promise((resolve, reject) => {
    const ended = () => reject(new Error('a process of the bench ended early'));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message);
    });
  });
}
