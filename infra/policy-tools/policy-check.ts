import { checkCommand } from './commands.ts';

process.exitCode = await checkCommand(process.argv.slice(2), (text) => process.stdout.write(text));
