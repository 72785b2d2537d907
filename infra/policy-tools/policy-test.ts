import { testCommand } from './commands.ts';

process.exitCode = await testCommand(process.argv.slice(2), (text) => process.stdout.write(text));
