// Texts in parts: what is translated in prose, Markdown and code, and that nothing of a text is ever lost.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { compose } from '../../../src/passage/compose';
import { partedSentence, restore, wholeSentence } from '../../../src/passage/modelTexts';
import { applyEdits } from '../../../src/passage/mapSequence';
import type { SplitPart, SplitPassage } from '../../../src/passage/splitPassage';
import { inOneLine, splitPassages } from '../../../src/passage/splitPassage';

type Sentence = Extract<SplitPart, { kind: 'sentence' }>;

const split = (text: string, languageId = 'plaintext') =>
  splitPassages(text, [{ start: 0, end: text.length }], { languageId, locale: 'en' })[0];
const sentencesOf = ({ parts }: SplitPassage) =>
  parts.filter((part): part is Sentence => part.kind === 'sentence').map(({ pieces }) => inOneLine(pieces));
const sentences = (text: string, languageId?: string) => sentencesOf(split(text, languageId));
const codes = (text: string, languageId?: string) =>
  split(text, languageId).parts.flatMap((part) =>
    part.kind === 'sentence'
      ? part.pieces.filter(({ kind }) => kind === 'code').map((piece) => piece.text)
      : [],
  );
/** Every sentence in capitals, as a translation that keeps all code would do it. */
const loud = (text: string, languageId?: string) => {
  const passage = split(text, languageId);
  const parts = passage.parts.filter((part): part is Sentence => part.kind === 'sentence');
  return compose(passage, (index) =>
    parts[index].pieces
      .map((piece) =>
        piece.kind === 'prose' ? piece.text.toUpperCase() : piece.kind === 'gap' ? ' ' : piece.text,
      )
      .join(''),
  );
};

describe('prose', () => {
  test('in sentences, paragraphs kept', () => {
    const text = 'The dog barks. The cat sleeps!\n\nDoes it?\n';
    expect(sentences(text)).toEqual(['The dog barks.', 'The cat sleeps!', 'Does it?']);
    expect(loud(text)).toBe('THE DOG BARKS. THE CAT SLEEPS!\n\nDOES IT?\n');
  });

  test('what has no word stays as it is', () => {
    const row = '| Name | 12.5 % | p99 | x | → | `a b` | v2.1 | 3D | 猫 |\n';
    expect(sentences(row, 'markdown')).toEqual(['Name', '猫']);
    expect(loud(row, 'markdown')).toBe(row.replace('Name', 'NAME'));
    expect(sentences('10 km\n\nn + 1\n\nH2O\n')).toEqual(['10 km']);
  });

  test('abbreviations and initials end no sentence', () => {
    expect(sentences('Dr. Smith met J. Doe, e.g. at noon. They ate.')).toEqual([
      'Dr. Smith met J. Doe, e.g. at noon.',
      'They ate.',
    ]);
  });

  test('hard-wrapped lines are one sentence, short lines are not', () => {
    const text =
      'This is a paragraph that somebody has wrapped by hand at some\ncolumn, so that one sentence goes over its lines. And this is\nthe second one.';
    expect(sentences(text)).toHaveLength(2);
    expect(sentences('Milk\nBread\nTwo apples')).toEqual(['Milk', 'Bread', 'Two apples']);
  });

  test('a translation of hard-wrapped lines is wrapped to the same width', () => {
    const text =
      'This is a paragraph that somebody has wrapped by hand at some\r\ncolumn, so that one sentence goes over its lines. And this is\r\nthe second one.';
    const passage = split(text);
    const out = compose(
      passage,
      () =>
        'Ein Satz, der um einiges länger ist, als es der Satz auf Englisch je war, und noch ein wenig mehr.',
    );
    const lines = out.split('\r\n');
    expect(lines.length).toBeGreaterThan(3);
    expect(Math.max(...lines.map(({ length }) => length))).toBeLessThanOrEqual(61);
    expect(out.replaceAll('\r\n', ' ')).not.toContain('\n');
  });

  test('Chinese lines end between characters and never before a full stop', () => {
    const passage = split(
      'This is a paragraph that somebody has wrapped by hand at\nsome column, so that its sentence goes over two lines.',
    );
    const lines = compose(passage, () => `${'动物没有过街，因为它太累了'.repeat(4)}。`).split('\n');
    expect(lines.length).toBeGreaterThan(1);
    expect(lines.every((line) => line.length * 2 <= 57 && !/^[，。]/u.test(line))).toBe(true);
  });

  test('a long text falls into the sentences of its parts', () => {
    const text = 'The dog barks. Dr. Smith has a cat, e.g. a black one! '.repeat(400);
    const parts = sentences(text);
    expect(parts).toHaveLength(800);
    expect(new Set(parts)).toEqual(new Set(['The dog barks.', 'Dr. Smith has a cat, e.g. a black one!']));
  });

  test('a sentence without an end is parted', () => {
    expect(Math.max(...sentences('and so on '.repeat(500)).map(({ length }) => length))).toBeLessThanOrEqual(
      400,
    );
    expect(sentences('👩‍🦰'.repeat(400)).join('')).not.toMatch(/\ufffd/u);
  });
});

describe('Markdown', () => {
  test('markers of blocks are kept', () => {
    const text =
      '---\ntitle: A name\n---\n# The heading\n\n> A quote.\n\n1. First thing\n2. Second thing\n- [ ] To be done\n\n```js\nlet a = "Not this.";\n```\n\n| Name | Use |\n| --- | --- |\n| A dog | It barks |\n\n    indented code\n';
    expect(sentences(text, 'markdown')).toEqual([
      'The heading',
      'A quote.',
      'First thing',
      'Second thing',
      'To be done',
      'Name',
      'Use',
      'A dog',
      'It barks',
    ]);
    expect(loud(text, 'markdown')).toContain(
      '1. FIRST THING\n2. SECOND THING\n- [ ] TO BE DONE\n\n```js\nlet a',
    );
  });

  test('emphasis and links are marks, code and pictures are code', () => {
    const [part] = split(
      'The **animal** saw [a street](http://x.y/z) and `code` ![p](q.png) there.',
      'markdown',
    ).parts;
    expect(part.kind === 'sentence' && part.pieces.map(({ kind, text }) => [kind, text])).toEqual([
      ['prose', 'The '],
      ['mark', '**'],
      ['prose', 'animal'],
      ['mark', '**'],
      ['prose', ' saw '],
      ['mark', '['],
      ['prose', 'a street'],
      ['mark', '](http://x.y/z)'],
      ['prose', ' and '],
      ['code', '`code`'],
      ['prose', ' '],
      ['code', '![p](q.png)'],
      ['prose', ' there.'],
    ]);
  });

  test('a selection inside of fenced code has nothing to translate', () => {
    const text = '```\nThis is code.\n```\nThis is text.';
    const start = text.indexOf('This is code');
    const [passage] = splitPassages(text, [{ start, end: start + 13 }], { languageId: 'markdown' });
    expect(sentencesOf(passage)).toEqual([]);
  });
});

describe('comments in code', () => {
  test.each([
    [
      'typescript',
      '// The dog barks.\nconst a = "No comment.";\n',
      '// THE DOG BARKS.\nconst a = "No comment.";\n',
    ],
    ['typescript', 'call("// no"); // The dog.\n', 'call("// no"); // THE DOG.\n'],
    ['typescript', 'fetch("http://host/a"); // see it\n', 'fetch("http://host/a"); // SEE IT\n'],
    ['python', '# The dog.\nx = "# no"\n', '# THE DOG.\nx = "# no"\n'],
    [
      'python',
      'def f():\n    """Says it.\n\n    :param a: The name.\n    """\n',
      'def f():\n    """SAYS IT.\n\n    :param a: THE NAME.\n    """\n',
    ],
    ['sql', "SELECT '-- no'; -- The dog\n", "SELECT '-- no'; -- THE DOG\n"],
    ['clojure', ';; The dog\n(f "; no")\n', ';; THE DOG\n(f "; no")\n'],
    ['matlab', '% The dog\nx = 1;\n', '% THE DOG\nx = 1;\n'],
    ['xml', '<a>Text</a><!-- The dog -->', '<a>Text</a><!-- THE DOG -->'],
    ['rust', "fn f<'a>(x: &'a str) {} // The dog\n", "fn f<'a>(x: &'a str) {} // THE DOG\n"],
    ['c', '/* The dog\n * barks. */\nint a;\n', '/* THE DOG\n * BARKS. */\nint a;\n'],
    ['typescript', '/** Says it. */\n', '/** SAYS IT. */\n'],
    ['shellscript', '#!/bin/sh\n# The dog\necho "# no"\n', '#!/bin/sh\n# THE DOG\necho "# no"\n'],
  ])('%s: %s', (language, text, expected) => expect(loud(text, language)).toBe(expected));

  test('documentation tags, their types and names are kept', () => {
    const text =
      '/**\n * Gives it back.\n *\n * @param {string} name The name of it.\n * @returns The thing.\n * @example\n * give(1)\n */\n';
    expect(loud(text, 'javascript')).toBe(
      '/**\n * GIVES IT BACK.\n *\n * @param {string} name THE NAME OF IT.\n * @returns THE THING.\n * @example\n * give(1)\n */\n',
    );
  });

  test('code that was commented out and instructions to tools are kept', () => {
    const text =
      '// const a = 1;\n// eslint-disable-next-line no-var\n// @ts-expect-error\n//#region a\n// ------\n';
    expect(sentences(text, 'typescript')).toEqual([]);
  });

  test('lines of one comment are one sentence, wrapped again at their margin', () => {
    const text =
      '  // This is a comment that somebody has wrapped by hand at some\n  // column, so that its sentence goes over two lines.\n  run();\n';
    expect(sentences(text, 'typescript')).toHaveLength(1);
    const out = compose(split(text, 'typescript'), () => 'Wort '.repeat(40).trim());
    const lines = out.trimEnd().split('\n');
    expect(lines.slice(0, -1).every((line) => line.startsWith('  // Wort') && line.length <= 65)).toBe(true);
    expect(lines.at(-1)).toBe('  run();');
  });

  test('a selection inside of a comment is a part of the comment', () => {
    const text = 'run(); /* The dog barks. */ const a = "The cat.";';
    const at = (part: string) => ({ start: text.indexOf(part), end: text.indexOf(part) + part.length });
    const passages = splitPassages(text, [at('dog barks'), at('The cat')], { languageId: 'typescript' });
    expect(passages.map(sentencesOf)).toEqual([['dog barks'], []]);
  });
});

describe('code in prose is left alone', () => {
  test.each([
    ['Call `a b` now.', ['`a b`']],
    ['See https://host.org/a?b=c#d.', ['https://host.org/a?b=c#d']],
    ['The camelCase, snake_case and CONSTANT_CASE names.', ['camelCase', 'snake_case', 'CONSTANT_CASE']],
    ['Call foo() or a.b.c before.', ['foo()', 'a.b.c']],
    ['Pass --dry-run or -v to it.', ['--dry-run', '-v']],
    ['Open src/host/a.ts and /etc/hosts and ./run.sh here.', ['src/host/a.ts', '/etc/hosts', './run.sh']],
    ['Read package.json first.', ['package.json']],
    ['This and/or that, e.g. the file(s) of Mr. X at 3.5 km/h.', []],
    ['He said "well-known" -- and left.', []],
    ['Set list[0] to 0xFF in 1.2.3.', ['list[0]', '0xFF', '1.2.3']],
  ])('%s', (text, expected) => expect(codes(text)).toEqual(expected));
});

describe('texts for the model', () => {
  const sentence = (text: string, languageId = 'plaintext') => {
    const part = split(text, languageId).parts.find(({ kind }) => kind === 'sentence');
    return part?.kind === 'sentence' ? part.pieces : [];
  };

  test('code stands as a name that translators copy, and comes back', () => {
    const whole = wholeSentence(sentence('Call `open()` before you use close().'));
    expect(whole?.texts[0].text).toBe('Call Tom before you use Mary.');
    const target = 'Rufe Tom auf, bevor du Maria benutzt.';
    const edits = whole && restore(target, whole.texts[0]);
    expect(edits && applyEdits(target, edits)).toBe('Rufe `open()` auf, bevor du close() benutzt.');
  });

  test('a name that is missing, doubled or part of a word does not count', () => {
    const whole = wholeSentence(sentence('Call `open()` now.'));
    expect(whole && restore('Ruf jetzt an.', whole.texts[0])).toBeUndefined();
    expect(whole && restore('Tom und Tom.', whole.texts[0])).toBeUndefined();
    expect(whole && restore('Toms Länge.', whole.texts[0])).toBeUndefined();
  });

  test('names that the sentence says itself stand for no code', () => {
    expect(wholeSentence(sentence('Tom calls `open()`.'))?.texts[0].text).toBe('Tom calls Mary.');
  });

  test('too much code parts the sentence', () => {
    const pieces = sentence('Use `a`, `b`, `c`, `d` and `e` here.');
    expect(wholeSentence(pieces)).toBeUndefined();
    const { texts, kept } = partedSentence(pieces);
    expect(texts.map(({ text }) => text)).toEqual(['Use', 'and', 'here.']);
    expect(kept).toEqual(['', ' `a`, `b`, `c`, `d` ', ' `e` ', '']);
  });
});

describe('whatever the text', () => {
  const languages = ['plaintext', 'markdown', 'html', 'typescript', 'python', 'sql', 'xml', 'lua'];
  const words = fc.constantFrom(
    'The dog barks. ',
    'and so on ',
    '\n',
    '\r\n',
    '// ',
    '/** ',
    ' */',
    '# ',
    '`code` ',
    '**',
    '[a](b) ',
    '"',
    "'",
    '-- ',
    '"""',
    '<!-- ',
    '-->',
    '@param x ',
    '动物没有过街。',
    'foo_bar ',
    'a.b ',
    '\t',
    '    ',
    '- ',
    '| ',
    '```\n',
    '---\n',
    '👩‍🦰',
    '\\',
    '{',
    '; ',
    'Dr. ',
    '<b>',
    '$x$ ',
  );
  const texts = fc.oneof(
    fc.array(words, { maxLength: 40 }).map((parts) => parts.join('')),
    fc.string({ unit: 'binary', maxLength: 80 }),
  );

  test('its parts are the text, and nothing else', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...languages), fc.nat(), fc.nat(), (text, languageId, a, b) => {
        const [start, end] = [a % (text.length + 1), b % (text.length + 1)].sort((x, y) => x - y);
        const [passage] = splitPassages(text, [{ start, end }], { languageId, locale: 'en' });
        expect(passage.parts.map((part) => part.text).join('')).toBe(text.slice(start, end));
        for (const part of passage.parts) {
          if (part.kind === 'sentence') {
            expect(part.pieces.map((piece) => piece.text).join('')).toBe(part.text);
          }
        }
      }),
      { numRuns: 1_500 },
    );
  });

  test('a translator that says everything again changes nothing', () => {
    fc.assert(
      fc.property(texts, fc.constantFrom(...languages), (text, languageId) => {
        const passage = split(text, languageId);
        const said = passage.parts.flatMap((part) => {
          if (part.kind === 'kept') {
            return [];
          }
          const parted = partedSentence(part.pieces);
          for (const { texts: modelTexts, kept } of [parted, wholeSentence(part.pieces) ?? parted]) {
            const whole =
              kept[0] +
              modelTexts.map((each, index) => applyEdits(each.text, each.edits) + kept[index + 1]).join('');
            expect(whole).toBe(part.text);
          }
          return [inOneLine(part.pieces)];
        });
        expect(compose(passage, (index) => said[index])).toBe(text);
      }),
      { numRuns: 1_500 },
    );
  });
});
