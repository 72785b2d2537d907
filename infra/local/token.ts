import { findRunning } from './endpoints.ts';
import { signIn } from './identity/sign-in.ts';
import { readArguments } from './read-arguments.ts';
import { agents, people } from './seed.ts';

const names = [...agents, ...people].map(({ name }) => name);
const help = `Prints a bearer token of a seeded local identity.

  npm run --silent token -- NAME [--directory DIR]

NAME is one of: ${names.join(', ')}
`;

async function main(args: readonly string[]): Promise<number> {
  const { directory, flags, rest, problem } = readArguments(args, ['help']);
  if (flags.has('help')) {
    console.log(help);
    return 0;
  }
  const [name, ...more] = rest;
  if (problem !== undefined || name === undefined || more.length > 0 || !names.includes(name)) {
    console.error(
      `${problem ?? (name === undefined ? 'Whose token?' : `"${[name, ...more].join(' ')}" is no seeded identity.`)}\n\n${help}`,
    );
    return 2;
  }
  const running = await findRunning(directory);
  if (running === undefined) {
    console.error('The local environment does not run. Start it with: npm start');
    return 1;
  }
  console.log(await signIn(name, { identityAddress: running.identity, credentialsPath: running.credentials }));
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
