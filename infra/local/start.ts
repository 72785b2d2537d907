import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import type { Unpacked } from '../package/make-package.ts';
import { problemText } from '../policy-tools/policy-problem.ts';
import { endpointsFile, findRunning } from './endpoints.ts';
import type { LocalNoticeReceiver } from './notices/start-notice-receiver.ts';
import { readArguments } from './read-arguments.ts';

const help = `Starts the whole local environment and keeps it running until Ctrl-C.

  npm start                       goes on where it stopped; data is kept in .local/
  npm start -- --fresh            empties .local/ first
  npm start -- --directory DIR    keeps its data there instead, so that several can run beside each other
  npm start -- --policy DIR       takes policies, agents and groups from there, to try your own; copy infra/policy to begin with
  npm start -- --package FILE     runs the functions and policies of a package that npm run package made, as Azure would
`;

async function main(args: readonly string[]): Promise<number> {
  const {
    directory,
    policy: given,
    package: zip,
    flags,
    rest,
    problem,
  } = readArguments(args, ['fresh', 'help'], ['directory', 'policy', 'package']);
  if (flags.has('help')) {
    console.log(help);
    return 0;
  }
  if (problem !== undefined || rest.length > 0) {
    console.error(`${problem ?? `"${rest[0]}" is not an option.`}\n\n${help}`);
    return 2;
  }
  const running = await findRunning(directory);
  if (running !== undefined) {
    console.error(`It runs already, as process ${running.pid}: ${running.api}. Stop that one first.`);
    return 1;
  }
  // Loaded only now, so that help and mistakes are answered at once.
  const { startEnvironment } = await import('./environment.ts');
  const { defaultPolicy } = await import('./function-settings.ts');
  const { emptyDirectory } = await import('./kept-data.ts');
  const packaged = zip === undefined ? undefined : await unpack(zip, directory);
  const policy = given ?? packaged?.policy ?? defaultPolicy;
  if (!(await arePoliciesSound(policy))) return 1;
  if (flags.has('fresh')) await emptyDirectory(directory);
  const stopping = stopSignal();
  const beganAt = performance.now();
  console.log('Starting Countersign on this machine. Everything is a stand-in; nothing leaves it.\n');
  const receiver = await startReceiver(directory);
  const environment = await startEnvironment({
    directory,
    settings: { COUNTERSIGN_NOTICE_WEBHOOK_URL: receiver.address, COUNTERSIGN_NOTICE_WEBHOOK_SECRETS: receiver.secret },
    ports: 'usual',
    policy,
    ...(packaged === undefined ? {} : { entry: packaged.entry }),
    rights: 'perOperation',
    onProgress: (part, address) => console.log(`  ✓ ${part.padEnd(36)} ${address}`),
    onLine: (line) => reportFault(line),
  }).catch(async (error: unknown) => {
    await receiver.stop();
    throw error;
  });
  console.log(`\nUp in ${Math.round((performance.now() - beganAt) / 1000)} s. In a second terminal, try:\n`);
  console.log('  npm run demo                                                the whole story, told step by step');
  console.log(`  curl -s ${environment.endpoints.api}/operations -H "Authorization: Bearer $(npm run --silent token -- deploy-agent)"`);
  console.log(`  open ${environment.endpoints.teams}    the approvers' conversation in the Agents Playground`);
  console.log(`  open ${receiver.address}    who is told how operations end, and what it was told\n`);
  console.log(`Ctrl-C stops it; every address is in ${join(relative(process.cwd(), directory), endpointsFile)}.`);
  console.log('ready');
  // Ctrl-C reaches every process of the terminal at once, so a host that ends in order was told to.
  const how = await Promise.race([
    stopping,
    environment.host.exited.then(({ code }) => (code === 0 ? ('signal' as const) : ('crashed' as const))),
  ]);
  console.log(how === 'crashed' ? 'The functions host ended by itself; stopping the rest.' : 'Stopping.');
  await environment.stop();
  await receiver.stop();
  return how === 'crashed' ? 1 : 0;
}

/** Told how operations end, as somebody's webhook would be; each is a line here, and on its page. */
async function startReceiver(directory: string): Promise<LocalNoticeReceiver> {
  const { ensureCertificates } = await import('./certificates.ts');
  const { startNoticeReceiver } = await import('./notices/start-notice-receiver.ts');
  const { certPem, keyPem } = await ensureCertificates(join(directory, 'certificates'));
  const receiver = await startNoticeReceiver({ port: 0, certPem, keyPem, onNotice: (line) => console.log(`  told: ${line}`) });
  console.log(`  ✓ ${'receiver of notices'.padEnd(36)} ${receiver.address}`);
  return receiver;
}

/** The package lies unpacked in the environment's directory for as long as it runs. */
async function unpack(zip: string, directory: string): Promise<Unpacked> {
  const { unpackedDirectory } = await import('./kept-data.ts');
  const { unpackPackage } = await import('../package/make-package.ts');
  return await unpackPackage(await readFile(zip), unpackedDirectory(directory));
}

/** The functions would refuse them, too, but minutes later and in one line; here each problem is told with its place. */
async function arePoliciesSound(directory: string): Promise<boolean> {
  const { checkPolicyFiles } = await import('../policy-tools/check-policies.ts');
  const problems = await checkPolicyFiles(directory);
  if (problems.length === 0) return true;
  const shown = relative(process.cwd(), directory);
  console.error(`It did not start: the policies in ${shown} are not sound.\n`);
  for (const problem of problems) console.error(`  ${problemText({ ...problem, file: join(shown, problem.file) })}`);
  console.error(`\nMend them, see that "npm run policy:check -- ${shown}" finds nothing, and start again.`);
  return false;
}

function stopSignal(): Promise<'signal'> {
  return new Promise((resolve) => {
    process.once('SIGINT', () => resolve('signal'));
    process.once('SIGTERM', () => resolve('signal'));
  });
}

/** Of what the functions write, only warnings and errors are for whoever watches. */
function reportFault(line: string): void {
  if (/"level":"(warn|warning|error|critical)"/.test(line)) console.error(`  ! ${line}`);
}

try {
  process.exitCode = await main(process.argv.slice(2));
} catch (error) {
  console.error(`It did not start: ${error instanceof Error ? error.message : String(error)}`);
  process.exitCode = 1;
}
