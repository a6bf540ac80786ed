// The headless engine: `npm run engine -- <verb>`. Results go to the standard output, one line about an error to the standard error.
import process from 'node:process';
import { messageOf } from '../../shared/errors';
import { helpText, parseCommand } from './arguments';
import { exploreCommand } from './explore';
import { inspectCommand } from './inspect';
import { translateCommand } from './translate';

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommand(args);
  switch (command.verb) {
    case 'help':
      return write(helpText);
    case 'inspect':
      return write(`${JSON.stringify(inspectCommand(command.path), undefined, 2)}\n`);
    case 'explore':
      return write(`${JSON.stringify(await exploreCommand(command))}\n`);
    case 'translate':
      return translateCommand(command, process.stdin, (line) => void write(`${line}\n`));
    default:
      return command satisfies never;
  }
}

/** Resolves when the text was handed over: the process ends right after. */
function write(text: string): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(text, (error) => (error ? reject(error) : resolve()));
  });
}

// Runs on a graphics device do not keep Node alive by themselves.
const awake = setInterval(() => undefined, 1_000_000);
main(process.argv.slice(2))
  .then(() => 0)
  .catch((error: unknown) => {
    process.stderr.write(`${messageOf(error).replace(/\s*\n\s*/g, ' ')}\n`);
    return 1;
  })
  .then((code) => {
    clearInterval(awake);
    // Threads of the inference library would keep the process alive.
    process.exit(code);
  })
  .catch(() => process.exit(1));
