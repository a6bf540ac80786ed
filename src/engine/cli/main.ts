// The headless engine: `npm run engine -- <verb>`. Results go to the standard output, one line about an error to the standard error.
import process from 'node:process';
import { isCancelled, messageOf } from '../../shared/errors';
import { helpText, parseCommand } from './arguments';
import { classifyCommand } from './classify';
import { exploreCommand } from './explore';
import { fineTuneCommand } from './fineTune';
import { inspectCommand } from './inspect';
import type { Interrupt } from './interrupt';
import { catchInterrupt } from './interrupt';
import { translateCommand } from './translate';

/** Of what can be gone on with. */
let interrupt: Interrupt | undefined;

async function main(args: readonly string[]): Promise<void> {
  const command = parseCommand(args);
  switch (command.verb) {
    case 'help':
      return write(helpText);
    case 'inspect':
      return write(`${JSON.stringify(inspectCommand(command.path, tell), undefined, 2)}\n`);
    case 'explore':
      return exploreCommand(command, write);
    case 'translate':
      return translateCommand(command, process.stdin, (line) => void write(`${line}\n`), tell);
    case 'classify':
      return classifyCommand(command, process.stdin, write, tell);
    case 'fine-tune':
      interrupt = catchInterrupt();
      return fineTuneCommand(command, write, tell, interrupt.signal);
    default:
      return command satisfies never;
  }
}

/** One line on the standard error. */
function tell(message: string): void {
  process.stderr.write(`${message.replace(/\s*\n\s*/g, ' ')}\n`);
}

/** Resolves when the text was handed over: the process ends right after. Failures end it at once, below. */
function write(text: string): Promise<void> {
  return new Promise((resolve) => {
    process.stdout.write(text, (error) => {
      if (!error) {
        resolve();
      }
    });
  });
}

process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  // Whoever reads may stop early, as `head` does: then nobody is left to write to, and nothing went wrong.
  if (error.code === 'EPIPE') {
    process.exit(0);
  }
  tell(`The output cannot be written: ${error.message}`);
  process.exit(1);
});

// Runs on a graphics device do not keep Node alive by themselves.
const awake = setInterval(() => undefined, 1_000_000);
main(process.argv.slice(2))
  .then(() => 0)
  .catch((error: unknown) => {
    tell(messageOf(error));
    return (isCancelled(error) ? interrupt?.code : undefined) ?? 1;
  })
  .then((code) => {
    clearInterval(awake);
    // Threads of the inference library would keep the process alive.
    process.exit(code);
  })
  .catch(() => process.exit(1));
