/** A distributor or a worker of distributed-task, in a process of its own: `distributor` or `worker`, and the port of Redis. */
import { distributor, worker } from '../../src/distributed-task/index.ts';

const [role = '', port = ''] = process.argv.slice(2);
const config = {
  ...{ share_key: 'abc', redis: { host: '127.0.0.1', port: Number(port) }, host: '127.0.0.1' },
  ...{ loop_interval: 50, check_interval: 100 },
};

if (role === 'distributor') await distributor.init(config);
else {
  await worker.init(config);
  worker.addTask('stay', (manager) => void manager.on('stop', () => manager.emit('_stop')));
  worker.addTask('pass', async (_, { id }) => id);
}
process.stdout.write('started\n');
