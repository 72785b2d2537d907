import { startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { access, jobs } from './service-bus-setup.ts';

/** A stand-in in a process of its own, which a test may kill: `node service-bus-process.ts DIRECTORY PORT`. */
const [directory, port] = process.argv.slice(2);
const bus = await startServiceBus({ port: Number(port), directory, queues: [jobs], ...access });
process.stdout.write(`${bus.connectionString}\n`);
