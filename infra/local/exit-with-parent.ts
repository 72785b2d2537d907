/**
 * Preloaded into a child process whose standard input is a pipe that its parent holds open: when the parent is gone, by whatever end,
 * the pipe closes and the child ends itself as if it had been asked to (SIGTERM).
 */
process.stdin.on('close', () => process.kill(process.pid, 'SIGTERM'));
process.stdin.resume();

// A pipe that is being listened to would keep the child from ending on its own.
if ('unref' in process.stdin) process.stdin.unref();
