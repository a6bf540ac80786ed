// The small graphs of test/golden/layouts with vocabularies in which some words are the language tags of a convention.
import type { ExplorerEngine } from '../../../../src/engine/explorerEngine';
import { filesOf, MODEL } from '../testEngine';

const VOCABULARY = 64;
const json = (content: unknown) => new TextEncoder().encode(JSON.stringify(content));

export interface Tagging {
  /** Tokens that are spelled otherwise than `w12`, by their id. */
  readonly tokens?: Readonly<Record<number, string>>;
  /** Tokens that the tokenizer puts before and after a text. */
  readonly before?: readonly string[];
  readonly after?: readonly string[];
  /** Fields of config.json and tokenizer_config.json. */
  readonly config?: object;
  readonly tokenizerConfig?: object;
}

/** Loads a layout under {@link MODEL}; its tokens are whole words, `w0` pads and `w1` ends. */
export async function loadTagged(engine: ExplorerEngine, layout: string, tagging: Tagging): Promise<void> {
  const { tokens = {}, before = [], after = ['w1'], config = {}, tokenizerConfig = {} } = tagging;
  const files = filesOf(`test/golden/layouts/${layout}`);
  const own = JSON.parse(new TextDecoder().decode(files['config.json'])) as object;
  const spell = (id: number) => tokens[id] ?? `w${id}`;
  const all = Array.from({ length: VOCABULARY }, (_, id) => id);
  const special = [0, 1, ...Object.keys(tokens).map(Number)];
  const idOf = (content: string) => all.find((id) => spell(id) === content);
  const piece = (content: string) => ({ SpecialToken: { id: content, type_id: 0 } });
  await engine.loadModel({
    id: MODEL,
    name: layout,
    files: {
      ...files,
      'config.json': json({ ...own, ...config }),
      'tokenizer.json': json({
        version: '1.0',
        added_tokens: special.map((id) => ({ id, content: spell(id), special: true, normalized: false })),
        pre_tokenizer: { type: 'WhitespaceSplit' },
        post_processor: {
          type: 'TemplateProcessing',
          single: [...before.map(piece), { Sequence: { id: 'A', type_id: 0 } }, ...after.map(piece)],
          special_tokens: Object.fromEntries(
            [...before, ...after].map((content) => [
              content,
              { id: content, ids: [idOf(content)], tokens: [content] },
            ]),
          ),
        },
        model: {
          type: 'WordLevel',
          unk_token: 'w0',
          vocab: Object.fromEntries(all.map((id) => [spell(id), id])),
        },
      }),
      'tokenizer_config.json': json({
        pad_token: 'w0',
        eos_token: 'w1',
        unk_token: 'w0',
        ...tokenizerConfig,
      }),
    },
  });
}
