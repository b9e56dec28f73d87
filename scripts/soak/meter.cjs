// Loaded into the server's process before its own code: answers each message with what the process has in memory.
if (process.channel) {
  process.on('message', () => process.send(process.memoryUsage()));
  process.channel.unref();
}
