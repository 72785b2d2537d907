import { parseArgs } from 'node:util';

export const usage = `Usage: npm run chaos -- [options]

Brings up Countersign with stand-ins of everything around it, lets agents and people work, disturbs it, waits until all is quiet, and audits what is left.

  --operations N   how many requests agents make; 50 unless given
  --seed S         decides what they ask for and what goes wrong; chosen and printed unless given
  --kill           kills functions hosts at random points (SIGKILL) and starts them again
  --no-faults      lets nothing else go wrong
  --rights MODE    standing, perOperation, or both, where the deployment moves from the one to the other when two thirds are asked for; standing unless given
  --hosts N        how many functions hosts; 2 unless given
  --concurrency N  how many requests are under way at once; 32 unless given
  --patience MIN   how long to wait until all is quiet; 20 minutes unless given
  --json FILE      writes the result there, too
  --log FILE       writes there what the functions hosts wrote
  --help

Ends with 0 where every promise was kept, 1 where one was not, 2 where it did not understand.`;

export type ChaosArguments = {
  readonly operations: number;
  readonly seed: number;
  readonly kill: boolean;
  readonly faults: boolean;
  readonly rights: 'standing' | 'perOperation' | 'both';
  readonly hosts: number;
  readonly concurrency: number;
  readonly patienceMinutes: number;
  readonly json: string | undefined;
  readonly log: string | undefined;
};

export type ReadArguments =
  | { readonly kind: 'run'; readonly options: ChaosArguments }
  | { readonly kind: 'help' }
  | { readonly kind: 'problem'; readonly problem: string };

const options = {
  operations: { type: 'string', default: '50' },
  seed: { type: 'string' },
  kill: { type: 'boolean', default: false },
  'no-faults': { type: 'boolean', default: false },
  rights: { type: 'string', default: 'standing' },
  hosts: { type: 'string', default: '2' },
  concurrency: { type: 'string', default: '32' },
  patience: { type: 'string', default: '20' },
  json: { type: 'string' },
  log: { type: 'string' },
  help: { type: 'boolean', default: false },
} as const;

const limits = { operations: 1_000_000, hosts: 8, concurrency: 256, patience: 600 } as const;

const modes = ['standing', 'perOperation', 'both'] as const;

export function readChaosArguments(args: readonly string[]): ReadArguments {
  try {
    const { values } = parseArgs({ args: [...args], options });
    if (values.help) return { kind: 'help' };
    const count = (name: keyof typeof limits): number => {
      const number = /^\d{1,7}$/.test(values[name]) ? Number(values[name]) : 0;
      if (number < 1 || number > limits[name]) throw new RangeError(`--${name} takes a whole number from 1 to ${limits[name]}.`);
      return number;
    };
    if (values.seed !== undefined && !/^\d{1,9}$/.test(values.seed))
      throw new RangeError('--seed takes a whole number of at most nine digits.');
    const rights = modes.find((mode) => mode === values.rights);
    if (rights === undefined) throw new RangeError(`--rights takes one of ${modes.join(', ')}.`);
    return {
      kind: 'run',
      options: {
        operations: count('operations'),
        seed: values.seed === undefined ? Math.floor(Math.random() * 1e9) : Number(values.seed),
        kill: values.kill,
        faults: !values['no-faults'],
        rights,
        hosts: count('hosts'),
        concurrency: count('concurrency'),
        patienceMinutes: count('patience'),
        json: values.json,
        log: values.log,
      },
    };
  } catch (error) {
    return { kind: 'problem', problem: error instanceof Error ? error.message : 'The options are not understood.' };
  }
}
