"""Records how other programs tokenise: Hugging Face's tokenizers for every kind of stage, SentencePiece for character maps.

    python3 test/unit/tokenizer/recorded/record.py

needs the packages tokenizers 0.22.2 and sentencepiece 0.1.97 (Debian 12: python3-sentencepiece) and writes
pipelines.json.gz beside this file: `lines`, and for each pipeline its tokenizer.json, the ids of every line, and the
text decoded from them (`null` where the decoding is not compared). The vocabularies are learned from the lines of
test/golden/tokenizer, so they are small and mean nothing.
"""
import base64
import gzip
import io
import json
from pathlib import Path
from typing import Any, Dict, Iterator, List

import sentencepiece
from sentencepiece import sentencepiece_model_pb2
from tokenizers import (AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors,
                        trainers)

HERE = Path(__file__).parent
GOLDEN = HERE.parents[2] / 'golden' / 'tokenizer' / 'lines.jsonl.gz'
ADDED = [
    'The old house, theold house, The  old   house and no household.',
    '[MASK] is a [CLS] token </s> in <mask> the text<mask>!',
    'Straße STRASSE straße ΑΣ Σ İstanbul ǅ',
    'aaaa 1234567 x²½ a\u0085b c\u200bd e\ufefff \u2581g',
    '𠀀𪚥𫝀𫠠𬺰 中文字，「引用」。',
    'don\'t we\'ll I\'M CAN\'T 12345 \r\n\r\n  x\n y   ',
]
SIZE = 600
GPT4 = (r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+"
        r"|\s+(?!\S)|\s+")
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"

Entry = Dict[str, Any]


def golden_lines() -> List[str]:
    with gzip.open(GOLDEN, 'rt', encoding='utf8') as file:
        return [json.loads(line)['raw'] for line in file]


def learn(tokenizer: Tokenizer, trainer: Any, corpus: List[str]) -> Tokenizer:
    tokenizer.train_from_iterator(corpus, trainer)
    return tokenizer


def byte_fallback(corpus: List[str]) -> Tokenizer:
    """Llama's first layout: no pre-tokenizer, ▁ put in by the normaliser, unknown characters in bytes."""
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', byte_fallback=True, fuse_unk=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend('▁'), normalizers.Replace(' ', '▁')])
    tokenizer.pre_tokenizer = pre_tokenizers.Split('▁', 'merged_with_next')
    byte_pieces = [f'<0x{byte:02X}>' for byte in range(256)]
    specials = ['<unk>', '<s>', '</s>', *byte_pieces]
    learn(tokenizer, trainers.BpeTrainer(vocab_size=SIZE, special_tokens=specials, limit_alphabet=80), corpus)
    tokenizer.pre_tokenizer = None
    tokenizer.post_processor = processors.TemplateProcessing(single='<s> $A', pair='<s> $A $B',
                                                             special_tokens=[('<s>', 1)])
    tokenizer.decoder = decoders.Sequence([decoders.Replace('▁', ' '), decoders.ByteFallback(), decoders.Fuse(),
                                           decoders.Strip(' ', 1, 0)])
    return tokenizer


def byte_level(corpus: List[str], split: Any, post: Any, specials: List[str], **model: Any) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(**model))
    tokenizer.pre_tokenizer = split
    trainer = trainers.BpeTrainer(vocab_size=SIZE, special_tokens=specials,
                                  initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    learn(tokenizer, trainer, corpus)
    tokenizer.post_processor = post
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def clip(corpus: List[str]) -> Tokenizer:
    """Words end in </w>; the pattern's matches are kept, what lies between is removed."""
    tokenizer = Tokenizer(models.BPE(unk_token='<end>', end_of_word_suffix='</w>'))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r'\s+'), ' '),
                                                 normalizers.Lowercase()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Split(Regex(CLIP), 'removed', invert=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False),
    ])
    trainer = trainers.BpeTrainer(vocab_size=SIZE + 256, special_tokens=['<start>', '<end>'],
                                  end_of_word_suffix='</w>', initial_alphabet=pre_tokenizers.ByteLevel.alphabet())
    learn(tokenizer, trainer, corpus)
    tokenizer.post_processor = processors.RobertaProcessing(('<end>', 1), ('<start>', 0))
    tokenizer.decoder = decoders.BPEDecoder('</w>')
    return tokenizer


def word_piece(corpus: List[str], normalizer: Any, split: Any) -> Tokenizer:
    tokenizer = Tokenizer(models.WordPiece(unk_token='[UNK]'))
    tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = split
    specials = ['[UNK]', '[CLS]', '[SEP]', '[MASK]']
    learn(tokenizer, trainers.WordPieceTrainer(vocab_size=SIZE, special_tokens=specials, limit_alphabet=120), corpus)
    tokenizer.post_processor = processors.BertProcessing(('[SEP]', 2), ('[CLS]', 1))
    tokenizer.decoder = decoders.WordPiece()
    return tokenizer


def word_level(corpus: List[str]) -> Tokenizer:
    """Added tokens of every kind."""
    tokenizer = Tokenizer(models.WordLevel(unk_token='<unk>'))
    tokenizer.normalizer = normalizers.Lowercase()
    tokenizer.pre_tokenizer = pre_tokenizers.Whitespace()
    learn(tokenizer, trainers.WordLevelTrainer(vocab_size=SIZE // 2, special_tokens=['<unk>']), corpus)
    tokenizer.add_tokens([
        AddedToken('The', single_word=True), AddedToken('old', lstrip=True),
        AddedToken('en', rstrip=True, normalized=False), AddedToken('house', single_word=True, lstrip=True, rstrip=True),
        AddedToken('ho'), AddedToken('Straße', normalized=True), AddedToken('<mask>', lstrip=True, special=True),
    ])
    return tokenizer


def unknowns(corpus: List[str], fuse: bool) -> Tokenizer:
    tokenizer = Tokenizer(models.BPE(unk_token='<unk>', fuse_unk=fuse))
    tokenizer.normalizer = normalizers.NFC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    learn(tokenizer, trainers.BpeTrainer(vocab_size=SIZE, special_tokens=['<unk>'], limit_alphabet=60), corpus)
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def unigram(corpus: List[str]) -> Tokenizer:
    tokenizer = Tokenizer(models.Unigram())
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Strip(),
                                                 normalizers.Replace(Regex(' {2,}'), ' ')])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True),
                                                       pre_tokenizers.Metaspace()])
    latin = [line for line in corpus if all(ord(character) < 0x180 for character in line)]
    learn(tokenizer, trainers.UnigramTrainer(vocab_size=SIZE, special_tokens=['<unk>'], unk_token='<unk>',
                                             max_piece_length=8), latin)
    tokenizer.decoder = decoders.Metaspace()
    return tokenizer


def pipelines(corpus: List[str]) -> Iterator[Any]:
    no_space = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    bare = normalizers.Sequence([normalizers.NFKD(), normalizers.StripAccents(), normalizers.Lowercase()])
    bert = pre_tokenizers.BertPreTokenizer()
    yield 'BPE, byte fallback', byte_fallback(corpus), True
    yield 'BPE, byte level after a pattern', byte_level(
        corpus, pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(GPT4), 'isolated'), no_space]),
        processors.Sequence([processors.ByteLevel(), processors.TemplateProcessing(
            single='<begin> $A', pair='<begin> $A $B', special_tokens=[('<begin>', 0)])]),
        ['<begin>'], ignore_merges=True), True
    roberta = byte_level(corpus, pre_tokenizers.ByteLevel(add_prefix_space=True),
                         processors.RobertaProcessing(('</s>', 1), ('<s>', 0)), ['<s>', '</s>'])
    roberta.add_special_tokens([AddedToken('<mask>', lstrip=True)])
    yield 'BPE, byte level with a space in front', roberta, True
    yield 'BPE, end of word', clip(corpus), True
    yield 'BPE, unknowns apart', unknowns(corpus, False), True
    yield 'BPE, unknowns fused', unknowns(corpus, True), True
    yield 'Unigram, single digits', unigram(corpus), False
    yield 'WordPiece, BERT', word_piece(corpus, normalizers.BertNormalizer(), bert), True
    yield 'WordPiece, BERT cased', word_piece(corpus, normalizers.BertNormalizer(lowercase=False), bert), True
    yield 'WordPiece, BERT, accents kept', word_piece(
        corpus, normalizers.BertNormalizer(strip_accents=False), bert), True
    yield 'WordPiece, BERT, uncleaned', word_piece(corpus, normalizers.BertNormalizer(
        clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=False), bert), True
    for name, split in {
        'Whitespace': pre_tokenizers.Whitespace(),
        'Punctuation': pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation()]),
        'Punctuation together, Digits': pre_tokenizers.Sequence([
            pre_tokenizers.Whitespace(), pre_tokenizers.Punctuation('contiguous'), pre_tokenizers.Digits(False)]),
        'CharDelimiterSplit': pre_tokenizers.CharDelimiterSplit(' '),
        'Split, merged with previous': pre_tokenizers.Split(' ', 'merged_with_previous'),
        'Split, merged with next': pre_tokenizers.Split(Regex('[aeiou]+'), 'merged_with_next'),
        'Split, contiguous': pre_tokenizers.Split(Regex('[aeiou]'), 'contiguous'),
        'FixedLength': pre_tokenizers.FixedLength(3),
    }.items():
        yield f'WordPiece, {name}', word_piece(corpus, bare, split), True
    yield 'WordLevel, added tokens', word_level(corpus), True


def by_tokenizers(name: str, tokenizer: Tokenizer, decoded: bool, lines: List[str]) -> Entry:
    encodings = tokenizer.encode_batch(lines)
    return {
        'name': name,
        'tokenizer': json.loads(tokenizer.to_str()),
        'ids': [encoding.ids for encoding in encodings],
        'decoded': [tokenizer.decode(encoding.ids, skip_special_tokens=False) for encoding in encodings]
        if decoded else None,
    }


def by_sentence_piece(name: str, rule: str, corpus: List[str], lines: List[str], fallback: bool) -> Entry:
    """Trains a model with a character map and writes it down as tokenizer.json."""
    written = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter(corpus), model_writer=written, vocab_size=SIZE + (256 if fallback else 0),
        hard_vocab_limit=False, normalization_rule_name=rule, character_coverage=0.98, byte_fallback=fallback,
        max_sentencepiece_length=8, minloglevel=2)
    model = sentencepiece_model_pb2.ModelProto.FromString(written.getvalue())
    processor = sentencepiece.SentencePieceProcessor(model_proto=written.getvalue())
    control = [(index, piece.piece) for index, piece in enumerate(model.pieces) if piece.type in (2, 3)]
    metaspace = {'type': 'Metaspace', 'replacement': '▁', 'prepend_scheme': 'always'}
    charsmap = base64.b64encode(model.normalizer_spec.precompiled_charsmap).decode()
    ids = [processor.encode(line) for line in lines]
    return {
        'name': name,
        'tokenizer': {
            'added_tokens': [{'id': index, 'content': piece, 'special': True, 'normalized': False}
                             for index, piece in control],
            'normalizer': {'type': 'Sequence', 'normalizers': [
                {'type': 'Precompiled', 'precompiled_charsmap': charsmap},
                {'type': 'Replace', 'pattern': {'Regex': '^ +| +$'}, 'content': ''},
                {'type': 'Replace', 'pattern': {'Regex': ' {2,}'}, 'content': ' '},
            ]},
            'pre_tokenizer': metaspace,
            'post_processor': None,
            'decoder': {'type': 'Sequence', 'decoders': [{'type': 'ByteFallback'}, metaspace]},
            'model': {'type': 'Unigram', 'unk_id': 0, 'byte_fallback': fallback,
                      'vocab': [[piece.piece, piece.score] for piece in model.pieces]},
        },
        'ids': ids,
        'decoded': [processor.decode(row) for row in ids],
    }


def main() -> None:
    every = golden_lines()
    corpus, lines = every[:4000], [*every[::50], *ADDED]
    without_controls: List[str] = [line for line in lines if '</s>' not in line]
    entries: List[Entry] = [by_tokenizers(*pipeline, lines) for pipeline in pipelines(corpus)]
    mapped = by_sentence_piece('SentencePiece, nmt_nfkc_cf, byte fallback', 'nmt_nfkc_cf', corpus, without_controls, True)
    content = {'lines': lines, 'linesWithoutControls': without_controls, 'pipelines': entries, 'sentencePiece': mapped}
    data = json.dumps(content, ensure_ascii=False, separators=(',', ':')).encode()
    (HERE / 'pipelines.json.gz').write_bytes(gzip.compress(data, 9, mtime=0))


if __name__ == '__main__':
    main()
