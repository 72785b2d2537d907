import { resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Place, places } from './letter.ts';

export const help = `Looks at messages that died and sends them once more.

  npm run --silent dead-letters -- list [--queue PLACE] [--json]
  npm run --silent dead-letters -- show ID [--json]
  npm run --silent dead-letters -- redrive ID [--json]
  npm run --silent dead-letters -- redrive --all [--queue PLACE] [--json]

  ID                PLACE/NUMBER, as list shows it
  --queue PLACE     the dead letters of approval-requests, executions, checks or changes,
                    or what the functions have set aside: set-aside
  --namespace HOST  a namespace in the cloud (NAME.servicebus.windows.net), entered as whoever is signed in;
                    the local environment where it is left out
  --directory DIR   where the local environment keeps its data, .local unless given
  --json            prints JSON

A letter is sent as a copy with an id of its own, then settled: whoever is interrupted does it again.
Exit codes: 0 done; 1 not done, or not all; 2 not understood.
`;

export type Where = { readonly kind: 'local'; readonly directory: string } | { readonly kind: 'cloud'; readonly namespace: string };

export type Command =
  | { readonly kind: 'help' }
  | { readonly kind: 'unclear'; readonly problem: string }
  | { readonly kind: 'list' | 'redriveAll'; readonly places: readonly Place[]; readonly where: Where; readonly json: boolean }
  | { readonly kind: 'show' | 'redrive'; readonly place: Place; readonly id: string; readonly where: Where; readonly json: boolean };

/** Reads what a person typed; what cannot be meant is named. */
export function readCommand(args: readonly string[]): Command {
  try {
    return commandOf(args);
  } catch (error) {
    return unclear(error instanceof Error ? error.message : String(error));
  }
}

function commandOf(args: readonly string[]): Command {
  const { values, positionals } = parseArgs({
    args: [...args],
    allowPositionals: true,
    options: {
      help: { type: 'boolean', short: 'h' },
      all: { type: 'boolean' },
      json: { type: 'boolean' },
      queue: { type: 'string' },
      namespace: { type: 'string' },
      directory: { type: 'string' },
    },
  });
  const [verb, id, ...more] = positionals;
  if (values.help === true) return { kind: 'help' };
  if (values.namespace !== undefined && values.directory !== undefined) return unclear('--namespace and --directory exclude each other.');
  if (values.namespace !== undefined && !isHostName(values.namespace))
    return unclear(`"${values.namespace}" is not the host name of a namespace.`);
  const place = places.find((name) => name === values.queue);
  if (values.queue !== undefined && place === undefined) return unclear(`There is no queue "${values.queue}": ${places.join(', ')}.`);
  if (more.length > 0) return unclear(`"${more.join(' ')}" is too much.`);
  const common = { where: whereOf(values), json: values.json ?? false };
  const asked = place === undefined ? places : [place];
  const all = values.all ?? false;
  if (verb === 'list' && id === undefined && !all) return { kind: 'list', places: asked, ...common };
  if (verb === 'redrive' && id === undefined && all) return { kind: 'redriveAll', places: asked, ...common };
  if ((verb === 'show' || verb === 'redrive') && id !== undefined && !all) {
    if (place !== undefined) return unclear('An ID names its place: leave out --queue.');
    const named = places.find((name) => id.startsWith(`${name}/`) && /^[1-9]\d{0,18}$/.test(id.slice(name.length + 1)));
    return named === undefined ? unclear(`"${id}" is no ID, which is PLACE/NUMBER.`) : { kind: verb, place: named, id, ...common };
  }
  if (verb === 'redrive') return unclear('redrive takes an ID, or --all.');
  if (verb === 'show') return unclear('show takes an ID.');
  return unclear(
    verb === undefined ? 'Say what to do: list, show or redrive.' : `"${verb}" is not list, show or redrive, or has too much with it.`,
  );
}

function whereOf({ namespace, directory }: { readonly namespace?: string | undefined; readonly directory?: string | undefined }): Where {
  if (namespace !== undefined) return { kind: 'cloud', namespace };
  return { kind: 'local', directory: resolve(directory ?? fileURLToPath(new URL('../../.local', import.meta.url))) };
}

/** A credential's token goes to that host, so that nothing but a plain name passes. */
function isHostName(text: string): boolean {
  return /^[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,62}[A-Za-z0-9])?)+$/.test(text);
}

function unclear(problem: string): Command {
  return { kind: 'unclear', problem };
}
