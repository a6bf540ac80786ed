// How programming languages write comments and strings, by VS Code's language id.

export interface CommentSyntax {
  /** What begins a comment that ends with its line. */
  readonly line: readonly string[];
  readonly blocks: readonly { readonly open: string; readonly close: string; readonly ownLine?: boolean }[];
  /** Signs that strings begin and end with. */
  readonly quotes: readonly string[];
  /** Strings that go on over line ends. */
  readonly longQuotes: readonly string[];
}

const BLOCK = { open: '/*', close: '*/' };
const XML = { open: '<!--', close: '-->' };

const C: CommentSyntax = { line: ['//'], blocks: [BLOCK], quotes: ['"', "'"], longQuotes: [] };
const SCRIPT: CommentSyntax = { ...C, longQuotes: ['`'] };
/** Its lifetimes look like strings that do not end; characters are short enough to be left out. */
const RUST: CommentSyntax = { ...C, quotes: [], longQuotes: ['"'] };
const HASH: CommentSyntax = { line: ['#'], blocks: [], quotes: ['"', "'"], longQuotes: [] };
const PYTHON: CommentSyntax = {
  ...HASH,
  // A long string on lines of its own documents what it stands in; others are data.
  blocks: [
    { open: '"""', close: '"""', ownLine: true },
    { open: "'''", close: "'''", ownLine: true },
  ],
  longQuotes: ['"""', "'''"],
};
const DASH: CommentSyntax = { line: ['--'], blocks: [BLOCK], quotes: ["'", '"'], longQuotes: [] };
const SEMICOLON: CommentSyntax = { line: [';'], blocks: [], quotes: [], longQuotes: ['"'] };
const PERCENT: CommentSyntax = { line: ['%'], blocks: [], quotes: ['"'], longQuotes: [] };

const SYNTAXES: readonly (readonly [string, CommentSyntax])[] = [
  ['javascript javascriptreact typescript typescriptreact go groovy dart', SCRIPT],
  [
    'c cpp cuda-cpp csharp java kotlin swift scala objective-c objective-cpp php jsonc json proto3 proto solidity zig',
    C,
  ],
  ['scss less glsl hlsl wgsl shaderlab verilog systemverilog d v haxe', C],
  ['css', { ...C, line: [] }],
  ['rust', RUST],
  ['python', PYTHON],
  [
    'ruby perl r shellscript dockerfile makefile yaml toml elixir coffeescript cmake tcl nim crystal awk properties dotenv',
    HASH,
  ],
  ['julia', { ...HASH, blocks: [{ open: '#=', close: '=#' }, ...PYTHON.blocks], longQuotes: ['"""'] }],
  ['powershell', { ...HASH, blocks: [{ open: '<#', close: '#>' }] }],
  ['sql pgsql mysql plsql', DASH],
  ['lua', { ...DASH, blocks: [{ open: '--[[', close: ']]' }] }],
  ['haskell elm purescript', { ...DASH, blocks: [{ open: '{-', close: '-}' }], quotes: ['"'] }],
  ['ada vhdl', { ...DASH, blocks: [], quotes: ['"'] }],
  ['clojure lisp scheme commonlisp racket asm ini', SEMICOLON],
  ['erlang prolog', PERCENT],
  ['matlab octave', { ...PERCENT, blocks: [{ open: '%{', close: '%}' }] }],
  ['fsharp', { ...C, blocks: [{ open: '(*', close: '*)' }], quotes: ['"'] }],
  ['ocaml pascal', { line: [], blocks: [{ open: '(*', close: '*)' }], quotes: ['"'], longQuotes: [] }],
  ['xml xsl svg', { line: [], blocks: [XML], quotes: [], longQuotes: [] }],
  ['vue svelte', { ...SCRIPT, blocks: [BLOCK, XML], quotes: [], longQuotes: [] }],
  ['vb', { line: ["'"], blocks: [], quotes: ['"'], longQuotes: [] }],
  ['bat', { line: ['REM ', 'rem ', '::'], blocks: [], quotes: ['"'], longQuotes: [] }],
  ['fortran fortran-modern FortranFreeForm', { line: ['!'], blocks: [], quotes: ['"', "'"], longQuotes: [] }],
];

const BY_LANGUAGE = new Map(
  SYNTAXES.flatMap(([ids, syntax]) => ids.split(' ').map((id) => [id, syntax] as const)),
);

/** The comments of a programming language; undefined for languages of prose, and for those that are not known. */
export function commentSyntaxOf(languageId: string): CommentSyntax | undefined {
  return BY_LANGUAGE.get(languageId);
}
