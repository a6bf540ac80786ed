// Reads the command line of the headless engine. What the verbs do is in files of their own.
import { parseArgs } from 'node:util';
import { messageOf, UserError } from '../../shared/errors';
import type { BackendSetting } from '../../shared/protocol';
import type { Decoding } from '../../shared/translation';
import { decodingHelp, decodingOf, decodingOptions } from './decodingArguments';
import type { FineTuneArguments } from './fineTuneArguments';
import { fineTuneArguments, fineTuneHelp, fineTuneOptions } from './fineTuneArguments';

/** Options that choose device and model. */
export interface DeviceOptions {
  readonly backend: BackendSetting;
  readonly threads: number;
}

export type Command =
  | { readonly verb: 'help' }
  | { readonly verb: 'inspect'; readonly path: string }
  | ({
      readonly verb: 'explore';
      readonly model: string | undefined;
      readonly texts: readonly string[];
      readonly to: string | undefined;
      readonly decoderTexts: readonly string[];
      /** A file with a recipe. */
      readonly interventions: string | undefined;
      readonly out: string | undefined;
    } & DeviceOptions)
  | ({
      readonly verb: 'classify';
      readonly model: string | undefined;
      /** Undefined: the lines of the standard input. */
      readonly texts: readonly string[] | undefined;
    } & DeviceOptions)
  | ({
      readonly verb: 'translate';
      readonly model: string | undefined;
      readonly from: string | undefined;
      readonly to: string | undefined;
      readonly decoding: Decoding;
    } & DeviceOptions)
  | ({
      readonly verb: 'fine-tune';
      readonly model: string | undefined;
      readonly to: string | undefined;
      readonly training: FineTuneArguments;
      readonly out: string;
      /** Writes over what is in `out`. */
      readonly force: boolean;
      /** Goes on from the checkpoints in `out`. */
      readonly resume: boolean;
    } & DeviceOptions);

export const helpText = `Transformer Explorer without an editor: the same engine on the command line.

  inspect FILE|DIR
      What was found in an ONNX file or a model folder, as one JSON object:
      family, layers, heads, attentions, positions, tied, notFound.

  explore --text T [--text T2 ...] [--model DIR] [--to LANGUAGE] [--decoder-text T ...] [--interventions FILE]
          [--out FILE]
      Runs the model on the texts (several make one padded batch). Prints one JSON object: tokens with
      their UTF-16 ranges, and all attention weights [text][head][query][key].
      --decoder-text  what the decoder reads, one for each text; default: the model's own translation
      --interventions a recipe (JSON): the model runs with heads removed, masks replaced and the like
      --out           every captured tensor under its name, as safetensors

  translate [--to LANGUAGE] [--from LANGUAGE] [--model DIR] [DECODING] < in > out
      Translates each line of the standard input; a decoder-only model continues it.
      --to                   needed where the model knows several languages
      --from                 only for models that are told it; default: the tokenizer's own
${decodingHelp}

  classify --model DIR [--text T ...]
      What a text classifier says of each text, or of each line of the standard input: one JSON object a line,
      labels with their probabilities, likeliest first. Of a text that is too long, the first part is read.

  fine-tune --data FILE --out DIR [--force] [--resume] [--to LANGUAGE] [--model DIR] [TRAINING]
      Trains the model on a file and writes it to a folder that the other verbs load. Prints one JSON object.
      Where the loss explodes, the last good checkpoint is written, or nothing, and the exit code is 1.
      Ctrl-C saves the step that was reached and ends with exit code 130.
      --out                  a new or empty folder; with --force also one with an earlier result
      --resume               goes on from the last checkpoint in that folder, with the same data and options;
                             begins where there is none
${fineTuneHelp}

  --model DIR        a model folder or .onnx file; default: the model that is shipped
  --backend NAME     auto, webgpu or wasm; default: wasm, whose results are the same everywhere
  --threads N        WASM threads; default: by the number of cores
  --help             this text

Errors end with exit code 1 and one line on the standard error.
`;

/** @throws UserError `badRequest` naming what is wrong. */
export function parseCommand(args: readonly string[]): Command {
  const { values, positionals } = parse(args);
  const [verb, ...rest] = positionals;
  if (values.help || verb === undefined || verb === 'help') {
    return { verb: 'help' };
  }
  switch (verb) {
    case 'inspect':
      return { verb, path: values.model ?? only(rest, 'inspect needs one FILE or DIR.') };
    case 'explore':
      none(rest);
      if (values.text === undefined) {
        throw bad('explore needs at least one --text.');
      }
      return {
        verb,
        model: values.model,
        texts: values.text,
        to: values.to,
        decoderTexts: values['decoder-text'] ?? [],
        interventions: values.interventions,
        out: values.out,
        ...device(values),
      };
    case 'translate':
      none(rest);
      return {
        verb,
        model: values.model,
        from: values.from,
        to: values.to,
        decoding: decodingOf(values),
        ...device(values),
      };
    case 'classify':
      none(rest);
      return { verb, model: values.model, texts: values.text, ...device(values) };
    case 'fine-tune':
      none(rest);
      if (values.out === undefined) {
        throw bad('fine-tune needs --out DIR.');
      }
      return {
        verb,
        model: values.model,
        to: values.to,
        training: fineTuneArguments(values),
        out: values.out,
        force: values.force ?? false,
        resume: values.resume ?? false,
        ...device(values),
      };
    default:
      throw bad(`There is no verb "${verb}".`);
  }
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: withNegatives(args),
      allowPositionals: true,
      options: {
        help: { type: 'boolean', short: 'h' },
        model: { type: 'string' },
        text: { type: 'string', multiple: true },
        'decoder-text': { type: 'string', multiple: true },
        interventions: { type: 'string' },
        from: { type: 'string' },
        to: { type: 'string' },
        ...decodingOptions,
        ...fineTuneOptions,
        out: { type: 'string' },
        force: { type: 'boolean' },
        resume: { type: 'boolean' },
        backend: { type: 'string' },
        threads: { type: 'string' },
      },
    });
  } catch (error) {
    throw bad(messageOf(error));
  }
}

/** A number below zero belongs to the option before it, `--rate -1` as `--rate=-1`: the parser takes it for an option of its own. */
function withNegatives(args: readonly string[]): string[] {
  const joined: string[] = [];
  for (const arg of args) {
    const before = joined.at(-1) ?? '';
    if (/^-[\d.]/.test(arg) && /^--[\w-]+$/.test(before)) {
      joined[joined.length - 1] = `${before}=${arg}`;
    } else {
      joined.push(arg);
    }
  }
  return joined;
}

function device({ backend = 'wasm', threads = '0' }: { backend?: string; threads?: string }): DeviceOptions {
  if (backend !== 'auto' && backend !== 'webgpu' && backend !== 'wasm') {
    throw bad(`--backend is auto, webgpu or wasm, not "${backend}".`);
  }
  if (!/^\d{1,3}$/.test(threads)) {
    throw bad(`--threads is a number, not "${threads}".`);
  }
  return { backend, threads: Number(threads) };
}

function only(values: readonly string[], message: string): string {
  const [value, ...more] = values;
  if (value === undefined || more.length > 0) {
    throw bad(message);
  }
  return value;
}

function none(values: readonly string[]): void {
  if (values.length > 0) {
    throw bad(`"${values.join(' ')}" is not understood.`);
  }
}

function bad(message: string): UserError {
  return new UserError('badRequest', `${message} See --help.`);
}
