// From pieces back to text, keeping which token each character came from: here the "original" is the list of tokens.
import { AlignedText } from './alignedText';
import { byteOf } from './byteLevel';
import { patternOf } from './normalizer';
import { flagOf, numberOf, stagesOf, stringOf, unsupported, type Stage } from './tokenizerFile';
import { decodeUtf8 } from './utf8';

/** Strings to be joined in the end; unit ranges count tokens. */
export type Decoder = (parts: readonly AlignedText[]) => AlignedText[];

const encoder = new TextEncoder();

/** @param isAdded whether a piece is an added token, which is never spelled in bytes. */
export function createDecoder(stage: Stage | undefined, isAdded: (piece: string) => boolean): Decoder {
  if (stage === undefined) {
    return (parts) => parts.map((part, i) => (i === 0 ? part : insertBefore(part, ' ')));
  }
  switch (stage.type) {
    case 'Sequence': {
      const steps = stagesOf(stage.decoders, 'decoders').map((step) => createDecoder(step, isAdded));
      return (parts) => steps.reduce<AlignedText[]>((soFar, step) => step(soFar), [...parts]);
    }
    case 'ByteLevel':
      return byteLevel(isAdded);
    case 'ByteFallback':
      return byteFallback;
    case 'WordPiece': {
      const prefix = stringOf(stage, 'prefix', '##');
      const tidy = flagOf(stage, 'cleanup', true) ? tidySpaces : (part: AlignedText) => part;
      return (parts) => parts.map((part, i) => tidy(i === 0 ? part : continued(part, prefix)));
    }
    case 'Metaspace':
      return metaspace(stage);
    case 'BPEDecoder': {
      const suffix = patternOf({ String: stringOf(stage, 'suffix', '</w>') });
      return (parts) => parts.map((part, i) => part.replaceAll(suffix, i === parts.length - 1 ? '' : ' '));
    }
    case 'Replace': {
      const pattern = patternOf(stage.pattern);
      const content = stringOf(stage, 'content', '');
      return (parts) => parts.map((part) => part.replaceAll(pattern, content));
    }
    case 'Fuse':
      return (parts) => (parts.length === 0 ? [] : [AlignedText.join(parts)]);
    case 'Strip':
      return strip(stage);
    default:
      throw unsupported('decoder', stage.type);
  }
}

/** English punctuation as Python's tokenizers tidy it after decoding. */
export function tidySpaces(text: AlignedText): AlignedText {
  return text
    .replaceAll(/ (?=[.?!,])/g, '')
    .replaceAll(/ ' /g, "'")
    .replaceAll(/ (?=n't|'m|'s|'ve|'re)/g, '');
}

function insertBefore(part: AlignedText, text: string): AlignedText {
  const { start } = part.range();
  return AlignedText.join([AlignedText.whole(text, { start, end: start }), part]);
}

function continued(part: AlignedText, prefix: string): AlignedText {
  return prefix !== '' && part.text.startsWith(prefix)
    ? part.slice(prefix.length, part.length)
    : insertBefore(part, ' ');
}

function metaspace(stage: Stage): Decoder {
  const mark = patternOf({ String: stringOf(stage, 'replacement', '\u2581') });
  const prefixed = flagOf(stage, 'add_prefix_space', true) && stage.prepend_scheme !== 'never';
  return (parts) => parts.map((part, i) => part.replaceAll(mark, i === 0 && prefixed ? '' : ' '));
}

function strip(stage: Stage): Decoder {
  const content = stringOf(stage, 'content', ' ');
  const most = { start: numberOf(stage, 'start', 0), stop: numberOf(stage, 'stop', 0) };
  return (parts) =>
    parts.map((part) => {
      let from = 0;
      let to = part.length;
      while (from < most.start && part.text[from] === content) {
        from++;
      }
      while (part.length - to < most.stop && to > from && part.text[to - 1] === content) {
        to--;
      }
      return part.slice(from, to);
    });
}

function byteLevel(isAdded: (piece: string) => boolean): Decoder {
  return (parts) => [
    decodeBytes(
      parts.map((part) => {
        const bytes = isAdded(part.text) ? [] : Array.from(part.text, byteOf);
        const spelled = bytes.length > 0 && bytes.every((byte) => byte !== undefined);
        return { part, bytes: spelled ? Uint8Array.from(bytes) : encoder.encode(part.text) };
      }),
    ),
  ];
}

/** Runs of `<0xE2>` pieces become the characters they spell. */
function byteFallback(parts: readonly AlignedText[]): AlignedText[] {
  const decoded: AlignedText[] = [];
  let run: { part: AlignedText; bytes: Uint8Array }[] = [];
  const flush = () => {
    if (run.length > 0) {
      decoded.push(decodeBytes(run));
      run = [];
    }
  };
  for (const part of parts) {
    const hex = /^<0x([0-9A-Fa-f]{2})>$/.exec(part.text)?.[1];
    if (hex === undefined) {
      flush();
      decoded.push(part);
    } else {
      run.push({ part, bytes: Uint8Array.of(parseInt(hex, 16)) });
    }
  }
  flush();
  return decoded;
}

/** Each character covers the tokens that its bytes came from. */
function decodeBytes(spelled: readonly { part: AlignedText; bytes: Uint8Array }[]): AlignedText {
  const length = spelled.reduce((sum, { bytes }) => sum + bytes.length, 0);
  const all = new Uint8Array(length);
  const ranges = spelled.map(({ part }) => part.range());
  const partOf = new Int32Array(length);
  let at = 0;
  spelled.forEach(({ bytes }, i) => {
    all.set(bytes, at);
    partOf.fill(i, at, at + bytes.length);
    at += bytes.length;
  });
  return AlignedText.join(
    decodeUtf8(all).map(({ character, from, to }) =>
      AlignedText.whole(character, {
        start: ranges[partOf[from]].start,
        end: ranges[partOf[to - 1]].end,
      }),
    ),
  );
}
