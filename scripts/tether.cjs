// Loaded into a command's process before its own code: when the starter is gone without a word (kill -9), the command
// is told to stop as if by a person.
if (process.channel) {
  process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
  process.channel.unref();
}
