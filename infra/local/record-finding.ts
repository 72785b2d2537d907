import { findings } from '../../shared/domain/event.ts';
import { findRunning } from './endpoints.ts';
import { signIn } from './identity/sign-in.ts';
import { type FindingArguments, readFindingArguments } from './record-finding-arguments.ts';
import { people } from './seed.ts';

const help = `Records what a person found who looked where the outcome of an operation is unknown.

  npm run --silent record-finding -- ID --found ${findings.join('|')} --note "WHAT WAS SEEN" [--as NAME] [--directory DIR]

ID is the operation, as op_…; it must have ended as outcomeUnknown. NAME is a seeded person who may decide on it, approver-1 unless given (${people
  .map(({ name }) => name)
  .join(', ')}).
`;

async function main(args: readonly string[]): Promise<number> {
  const read = readFindingArguments(args);
  if (read.kind === 'help') {
    console.log(help);
    return 0;
  }
  if (read.kind === 'wrong') {
    console.error(`${read.problem}\n\n${help}`);
    return 2;
  }
  const running = await findRunning(read.directory);
  if (running === undefined) {
    console.error('The local environment does not run. Start it with: npm start');
    return 1;
  }
  const token = await signIn(read.as, { identityAddress: running.identity, credentialsPath: running.credentials });
  return await record(`${running.api}/operations/${read.id}/findings`, token, read);
}

async function record(address: string, token: string, { found, note }: FindingArguments): Promise<number> {
  const response = await fetch(address, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: JSON.stringify({ found, note }),
  });
  const answer = await response.text();
  if (!response.ok) {
    console.error(answer);
    return 1;
  }
  console.log(answer);
  return 0;
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}
