"""Records how SentencePiece itself cuts 10,000 lines: ids and character ranges."""
import gzip
import json
from pathlib import Path
from typing import Dict, List

import sentencepiece

from recording import GOLDEN
from recording.odd_lines import lines
from recording.segmentation import Unigram

from clean import clean

LINES = 10_000
# SentencePiece adds float32 numbers; two sums closer than this are the same sum, added in another order.
SAME_SCORE = 1e-3


def utf16_offsets(text: str) -> List[int]:
    """For every code point, and the end, its offset in UTF-16 units."""
    offsets = [0]
    for character in text:
        offsets.append(offsets[-1] + (2 if ord(character) > 0xffff else 1))
    return offsets


def record_line(raw: str, processor: sentencepiece.SentencePieceProcessor, unigram: Unigram) -> Dict[str, object]:
    """One entry of the file, as README.md describes it."""
    text = clean(raw)
    proto = processor.encode(text, out_type='immutable_proto')
    offsets = utf16_offsets(text)
    pieces = [piece.piece for piece in proto.pieces]
    entry: Dict[str, object] = {
        'raw': raw,
        'text': text,
        'ids': [piece.id for piece in proto.pieces],
        'ranges': [offsets[edge] for piece in proto.pieces for edge in (piece.begin, piece.end)],
    }
    exact = unigram.pieces('▁' + text.replace(' ', '▁')) if text else []
    if unigram.score(exact) - unigram.score(pieces) > SAME_SCORE:
        raise ValueError(f'SentencePiece did not choose the best segmentation of {raw!r}.')
    unknown = processor.unk_id()
    known = [piece for piece in exact if processor.piece_to_id(piece) != unknown]
    if known != [piece.piece for piece in proto.pieces if piece.id != unknown]:
        entry['tie'] = True
    return entry


def record(checkpoint: Path) -> None:
    """Writes tokenizer/lines.jsonl.gz from `checkpoint`/spm.model."""
    processor = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / 'spm.model'))
    scores = {processor.id_to_piece(i): processor.get_score(i) for i in range(processor.get_piece_size())}
    # End, unknown and the language tags are no pieces of a text.
    scores = {piece: score for piece, score in scores.items() if score != 0}
    unigram, spaced = Unigram(scores), [piece.replace('▁', ' ') for piece in scores]
    entries = [record_line(raw, processor, unigram) for raw in lines(LINES, spaced)]
    text = '\n'.join(json.dumps(entry, ensure_ascii=False, separators=(',', ':')) for entry in entries) + '\n'
    folder = GOLDEN / 'tokenizer'
    folder.mkdir(exist_ok=True)
    # No time stamp, so that recording again gives the same bytes.
    (folder / 'lines.jsonl.gz').write_bytes(gzip.compress(text.encode(), 9, mtime=0))
    print(f'tokenizer: {len(entries)} lines, {sum("tie" in entry for entry in entries)} ties')
