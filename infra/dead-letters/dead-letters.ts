import type { ServiceBusClient } from '@azure/service-bus';
import { connectToLocal, connectToNamespace } from './connection.ts';
import { type Command, help, readCommand, type Where } from './dead-letter-arguments.ts';
import { runCommand } from './run-command.ts';

async function connect(where: Where): Promise<ServiceBusClient | undefined> {
  return where.kind === 'cloud' ? connectToNamespace(where.namespace) : await connectToLocal(where.directory);
}

async function main(command: Command): Promise<number> {
  if (command.kind === 'help') {
    console.log(help);
    return 0;
  }
  if (command.kind === 'unclear') {
    console.error(`${command.problem}\n\n${help}`);
    return 2;
  }
  const client = await connect(command.where);
  if (client === undefined) {
    console.error('The local environment does not run. Start it with: npm start');
    return 1;
  }
  try {
    const { text, done } = await runCommand(client, command, Date.now());
    (done ? console.log : console.error)(text);
    return done ? 0 : 1;
  } finally {
    await client.close();
  }
}

try {
  process.exitCode = await main(readCommand(process.argv.slice(2)));
} catch (error) {
  console.error(`Service Bus did not answer as it should: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
