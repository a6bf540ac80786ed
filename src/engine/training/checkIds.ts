// Whether the tokens of training data are rows of the model's embedding: they are not where the tokenizer is that of another model.
import { UserError } from '../../shared/errors';
import type { TokenExample } from '../../training/data/readExamples';
import type { Model } from '../model';

/**
 * An embedding that was not found in the graph is not checked.
 *
 * @throws UserError `tokenizerUnsupported` with the id and the rows of the embedding
 */
export function checkIds(
  { encoder, decoder, summary }: Pick<Model, 'encoder' | 'decoder' | 'summary'>,
  examples: readonly Pick<TokenExample, 'input' | 'decoder'>[],
): void {
  const [input, written] = [encoder ?? decoder, decoder].map((stack) => stack?.anatomy.embedding?.vocabulary);
  const sides = examples.flatMap((example) => [
    { ids: example.input, rows: input },
    { ids: example.decoder ?? [], rows: written },
  ]);
  for (const { ids, rows = Infinity } of sides) {
    const id = ids.find((each) => each >= rows);
    if (id !== undefined) {
      const message = `The tokenizer gives a token the id ${id}, but the embedding of the model "${summary.name}" has ${rows} rows only: the tokenizer is that of another model. Put the model's own tokenizer.json into its folder.`;
      throw new UserError('tokenizerUnsupported', message, { id, rows });
    }
  }
}
