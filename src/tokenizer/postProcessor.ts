// Which special tokens go before and after the text, as tokenizer.json's post-processor says.
import {
  corrupt,
  isRecord,
  stageOf,
  stagesOf,
  stringOf,
  unsupported,
  type Stage,
  type TokenizerFile,
} from './tokenizerFile';

/** Ids before and after the pieces of a single text. */
export interface Frame {
  readonly before: readonly number[];
  readonly after: readonly number[];
}

const noFrame: Frame = { before: [], after: [] };

/** @param idOf ids of special tokens by their content. */
export function createFrame(
  stage: TokenizerFile['postProcessor'],
  idOf: (token: string) => number | undefined,
): Frame {
  if (stage === undefined) {
    return noFrame;
  }
  switch (stage.type) {
    case 'ByteLevel':
      return noFrame;
    case 'BertProcessing':
    case 'RobertaProcessing':
      return { before: [pairId(stage, 'cls')], after: [pairId(stage, 'sep')] };
    case 'TemplateProcessing':
      return template(stage, idOf);
    case 'Sequence':
      return stagesOf(stage.processors, 'processors')
        .map((step) => createFrame(stageOf(step, 'processors'), idOf))
        .reduce(
          (inner, outer) => ({
            before: [...outer.before, ...inner.before],
            after: [...inner.after, ...outer.after],
          }),
          noFrame,
        );
    default:
      throw unsupported('post-processor', stage.type);
  }
}

/** `"cls": ["[CLS]", 101]` */
function pairId(stage: Stage, key: string): number {
  const pair = stage[key];
  const id: unknown = Array.isArray(pair) ? pair[1] : undefined;
  if (typeof id !== 'number') {
    throw corrupt(`its post-processor lacks the id of "${key}"`);
  }
  return id;
}

function template(stage: Stage, idOf: (token: string) => number | undefined): Frame {
  const before: number[] = [];
  const after: number[] = [];
  let sequenceSeen = false;
  for (const item of Array.isArray(stage.single) ? (stage.single as unknown[]) : []) {
    if (isRecord(item) && isRecord(item.SpecialToken)) {
      const name = stringOf(item.SpecialToken as Stage, 'id', '');
      (sequenceSeen ? after : before).push(...templateIds(stage, name, idOf));
    } else {
      sequenceSeen = true;
    }
  }
  return { before, after };
}

function templateIds(stage: Stage, name: string, idOf: (token: string) => number | undefined): number[] {
  const table = isRecord(stage.special_tokens) ? stage.special_tokens : {};
  const entry = table[name];
  if (isRecord(entry) && Array.isArray(entry.ids) && entry.ids.every((id) => typeof id === 'number')) {
    return entry.ids;
  }
  const id = idOf(name);
  if (id === undefined) {
    throw corrupt(`its post-processor adds "${name}", which is not in the vocabulary`);
  }
  return [id];
}
