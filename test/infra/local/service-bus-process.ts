import { startServiceBus } from '../../../infra/local/service-bus/service-bus.ts';
import { access, jobs } from './service-bus-setup.ts';

/** A stand-in in a process of its own, which a test may kill: `node service-bus-process.ts DIRECTORY PORT QUEUE...`. */
const [directory, port, ...names] = process.argv.slice(2);
const queues = names.map((name) => ({ ...jobs, name }));
const bus = await startServiceBus({ port: Number(port), directory, queues, ...access });
process.stdout.write(`${bus.connectionString}\n`);
