// The verb `translate`: each line of the standard input, translated by greedy decoding, to the standard output.
import { createInterface } from 'node:readline';
import { isCancelled, UserError } from '../../shared/errors';
import type { Command } from './arguments';
import { MODEL, openEngine } from './openEngine';

type TranslateCommand = Extract<Command, { readonly verb: 'translate' }>;

/** Reads lines until the input ends. Empty lines stay empty. @throws UserError naming the line. */
export async function translateCommand(
  command: TranslateCommand,
  input: NodeJS.ReadableStream,
  print: (line: string) => void,
): Promise<void> {
  const { engine } = await openEngine(command.model, command);
  let number = 0;
  for await (const line of createInterface({ input, crlfDelay: Infinity })) {
    number++;
    try {
      print(
        line.trim() === '' ? '' : await engine.translate({ model: MODEL, text: line, language: command.to }),
      );
    } catch (error) {
      if (error instanceof UserError && !isCancelled(error)) {
        throw new UserError(error.code, `Line ${number}: ${error.message}`, error.details, { cause: error });
      }
      throw error;
    }
  }
}
