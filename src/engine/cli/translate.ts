// The verb `translate`: each line of the standard input, translated or continued, to the standard output.
import { UserError } from '../../shared/errors';
import type { ExplorerEngine } from '../explorerEngine';
import type { Command } from './arguments';
import { MODEL, openEngine } from './openEngine';
import { translateLines } from './translateLines';

type TranslateCommand = Extract<Command, { readonly verb: 'translate' }>;

/** Opens the model and sends the lines through it. @throws UserError as `translateLines`, `badRequest` for wrong languages. */
export async function translateCommand(
  command: TranslateCommand,
  input: NodeJS.ReadableStream,
  print: (line: string) => void,
  warn: (line: string) => void,
): Promise<void> {
  const { engine } = await openEngine(command.model, command);
  checkLanguages(engine, command);
  const { from, to, decoding } = command;
  await translateLines(input, {
    translate: (texts) =>
      engine.translate({ model: MODEL, texts, language: to, sourceLanguage: from, decoding }),
    continues: engine.model(MODEL).summary.family === 'decoder-only',
    print,
    warn,
  });
}

/** @throws UserError `badRequest` for a language that has to be said, or cannot be. */
function checkLanguages(engine: ExplorerEngine, { from, to }: TranslateCommand): void {
  const { languages, sourceLanguages, family, name } = engine.model(MODEL).summary;
  const codes = languages.map(({ code }) => code).join(', ');
  if (to === undefined && languages.length > 1) {
    throw new UserError(
      'badRequest',
      `translate needs --to LANGUAGE. The model "${name}" knows: ${codes}. See --help.`,
    );
  }
  if (to !== undefined && family === 'decoder-only') {
    throw new UserError(
      'badRequest',
      `The model "${name}" continues texts: --to is for models that translate. See --help.`,
    );
  }
  if (from !== undefined && sourceLanguages.length === 0) {
    throw new UserError(
      'badRequest',
      `The model "${name}" is not told the language of the source: leave out --from. See --help.`,
    );
  }
}
