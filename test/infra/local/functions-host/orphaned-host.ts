import { startFixture, withoutQueues } from './fixture-host.ts';

/** A parent of the host, to be killed: it says where the host is and stays. */
const host = await startFixture(withoutQueues);
console.log(JSON.stringify({ address: host.address, pid: host.pid }));
