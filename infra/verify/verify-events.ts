import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { verifyCommand } from './verify-command.ts';

const { exitCode, text } = await verifyCommand(process.argv.slice(2), (file) => (file === '-' ? buffer(process.stdin) : readFile(file)));
(exitCode === 2 ? console.error : console.log)(text);
process.exitCode = exitCode;
