// What is known of a loaded model without a run: its blocks, and which rows of its embedding are alike.
import { nearestToRow } from '../explain/neighbours';
import { UserError } from '../shared/errors';
import type { NeighboursRequest, NeighbourToken } from '../shared/insight';
import type { ModelStructure } from '../shared/modelStructure';
import type { Model } from './model';
import { tokenizerOf } from './model';

export function modelStructure({ encoder, decoder, summary }: Model): ModelStructure {
  const stacks = [encoder, decoder].filter((stack) => stack !== undefined);
  const prints = stacks.map(({ anatomy }) => anatomy.embedding?.fingerprint);
  return {
    family: summary.family,
    stacks: stacks.map(({ anatomy }) => anatomy.structure),
    parameters: summary.parameters,
    sharedEmbedding: prints.length === 2 && prints[0] !== undefined && prints[0] === prints[1],
  };
}

/** Nearest rows of the embedding by cosine. @throws UserError `badRequest` */
export function embeddingNeighbours(
  model: Model,
  { id, count }: NeighboursRequest,
): readonly NeighbourToken[] {
  const stack = model.encoder ?? model.decoder;
  const name = stack?.anatomy.structure.embedding?.weight;
  const table = name === undefined ? undefined : stack?.weights.get(name);
  if (!table || !(id >= 0 && id < table.dims[0])) {
    throw new UserError('badRequest', `The embedding of this model has no row ${id} that could be read.`, {
      id,
    });
  }
  const matrix = { rows: table.dims[0], columns: table.dims[1], data: table.data };
  const tokenizer = tokenizerOf(model);
  return nearestToRow(matrix, id, count).map((found) => ({
    ...found,
    piece: tokenizer.decodeSequence([found.row]).tokens[0]?.piece ?? '',
  }));
}
