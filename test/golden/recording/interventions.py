"""Records what interventions do to the shipped models: the same recipes carried out in PyTorch."""
import json
from pathlib import Path
from typing import Callable, Dict, List

import sentencepiece
import torch
from torch import Tensor

from recording import GOLDEN, SHIPPED_BERT, SHIPPED_GPT, SHIPPED_MODEL, edited_models, model_folder
from recording.edits import Edits
from recording.intervention_cases import cases
from recording.translation import SENTENCES, TAGS

import shipped_language_model
import shipped_model
from clean import clean

TEXTS = ('The house is very old.', 'I love you.')
TARGETS = ('Das Haus ist sehr alt.', 'Ich liebe dich.')
LANGUAGE = 'de'
SOURCE = {'text': 'The children are playing.'}
SOURCE_TARGET = 'Die Kinder spielen im Garten.'
# Only so many numbers of a wide row are kept: enough to tell layers and units apart.
LOGITS, STATES = 48, 16
# Cases whose translation is recorded, too: with caches, step by step, in the product.
TRANSLATED = (
    'encoderSelf-head-removed', 'decoderSelf-scale-none', 'decoderSelf-window', 'cross-head-patched', 'cross-relu',
    'decoder-positions-shifted', 'decoder-positions-shuffled', 'decoder-attention-halved', 'several',
)
# Runs a text (or the recipe's source) under interventions: recordings and logits.
Run = Callable[[List[Dict]], 'tuple[model_folder.Tensors, Tensor]']


def thin(tensor: Tensor, kept: int) -> Tensor:
    """Every n-th number of the last axis, so that about `kept` stay."""
    return tensor[..., :: max(1, tensor.shape[-1] // kept)]


def kept_attentions(recording: model_folder.Tensors, interventions: List[Dict]) -> List[str]:
    """Names of the attentions to keep: all of the unchanged run, else the changed one, the first and the last."""
    names = [key[: -len('.weights')] for key in recording if key.endswith('.weights')]
    if not interventions:
        return names
    named = [each['attentions'][0] for each in interventions if isinstance(each.get('attentions'), list)]
    named += [each['target']['attention'] for each in interventions if each.get('target', {}).get('of') == 'head']
    return sorted({*named[:1], names[0], names[-1]})


def write(
    family: str, inputs: model_folder.Tensors, found: Dict[str, List[Dict]], run: Run, translated: Dict[str, List[Dict]],
    lens: Callable[[Tensor], Tensor],
) -> None:
    """Writes interventions.json and interventions.safetensors of a family."""
    tensors, listed = dict(inputs), []
    for name, interventions in found.items():
        recording, logits = run(interventions)
        tensors[f'{name}/logits'] = thin(logits, LOGITS)
        for attention in kept_attentions(recording, interventions):
            tensors[f'{name}/{attention}.weights'] = recording[f'{attention}.weights']
            tensors[f'{name}/{attention}.context'] = thin(recording[f'{attention}.context'], STATES)
        if not interventions:
            states = [key for key in recording if not key.endswith(('.weights', '.context'))]
            tensors.update({f'{name}/{key}': thin(recording[key], STATES) for key in states})
            tensors.update(lens_of(recording, lens))
        extra = {'translations': translated[name]} if name in translated else {}
        listed.append({'name': name, 'interventions': interventions, **extra})
    folder = GOLDEN / family
    model_folder.write_golden(folder / 'interventions.safetensors', tensors)
    lines = ',\n'.join(json.dumps(each, ensure_ascii=False) for each in listed)
    (folder / 'interventions.json').write_text(f'[\n{lines}\n]\n', 'utf8')
    print(f'{family}: {len(listed)} interventions')


def lens_of(recording: model_folder.Tensors, lens: Callable[[Tensor], Tensor]) -> model_folder.Tensors:
    """Of the likeliest token of every state at a border of layers: id and probability, `[batch, length]`."""
    side = 'decoder' if 'decoder.layer.0' in recording else 'encoder'
    states = [key for key in recording if key.startswith(f'{side}.layer.') or key == f'{side}.embedding.output']
    best = {key: lens(recording[key]).softmax(-1).max(-1) for key in states}
    return {
        **{f'lens/{key}.ids': found.indices for key, found in best.items()},
        **{f'lens/{key}.probabilities': found.values for key, found in best.items()},
    }


def sources(recording: model_folder.Tensors) -> Callable[[Dict], model_folder.Tensors]:
    """Activations of the one source that all cases use, without its batch."""
    return lambda _: {name: tensor[0] for name, tensor in recording.items()}


@torch.no_grad()
def record_translation(checkpoint: Path) -> None:
    """The encoder-decoder, teacher-forced on given targets, and some greedy translations."""
    model = shipped_model.read(SHIPPED_MODEL)
    pieces = sentencepiece.SentencePieceProcessor(model_file=str(checkpoint / 'spm.model'))
    size = model.size

    def read(text: str) -> List[int]:
        return [pieces.piece_to_id(TAGS[LANGUAGE]), *pieces.encode(clean(text)), size.end]

    def batch(texts, targets):
        source = model_folder.pad([read(text) for text in texts], size.pad)
        target = model_folder.pad([[size.pad, *pieces.encode(clean(text))] for text in targets], size.pad)
        return source, target

    def run_on(source, target, edits: Edits) -> Tensor:
        memory = edited_models.encode(model, source['input_ids'], source['attention_mask'], edits)
        return edited_models.decode(
            model, target['input_ids'], target['attention_mask'], memory, source['attention_mask'], edits,
        )

    patch = Edits([])
    run_on(*batch([SOURCE['text']], [SOURCE_TARGET]), patch)
    known = sources(patch.recording)
    source, target = batch(TEXTS, TARGETS)

    def run(interventions: List[Dict]):
        edits = Edits(interventions, known)
        logits = run_on(source, target, edits)
        return edits.recording, logits

    kinds = {'encoderSelf': 'encoder.{}.self', 'decoderSelf': 'decoder.{}.self', 'cross': 'decoder.{}.cross'}
    layers = {'encoder': size.encoder_layers, 'decoder': size.decoder_layers}
    found = cases(kinds, layers, size.heads, size.width, {**SOURCE, 'decoder': SOURCE_TARGET})
    translated = {name: translations(model, read, pieces, found[name], known) for name in TRANSLATED}
    inputs = {**source, 'decoder_input_ids': target['input_ids']}
    write('translation', inputs, found, run, translated, lambda states: states @ model.shared.weight.T)


def translations(model, read, pieces, interventions, known, wanted: int = 2) -> List[Dict]:
    """The first sentences that are translated without a tie, to the one language."""
    found: List[Dict] = []
    for text in SENTENCES:
        try:
            ids = edited_models.greedy(model, read(text), interventions, known)
        except ValueError:
            continue
        found.append({'text': text, 'ids': ids, 'translation': pieces.decode(ids)})
        if len(found) == wanted:
            break
    return found


@torch.no_grad()
def record_language_model(family: str, folder: Path, side: str) -> None:
    """One of the two English models."""
    model, vocabulary = shipped_language_model.read(folder), shipped_language_model.vocabulary(folder)
    is_bert = side == 'encoder'
    forward = edited_models.bert if is_bert else edited_models.gpt
    padding = vocabulary.pad if is_bert else vocabulary.end

    def batch(texts):
        ids = [vocabulary.encode(text) for text in texts]
        return model_folder.pad([[vocabulary.start, *each, vocabulary.end] for each in ids] if is_bert else ids, padding)

    source = batch([SOURCE['text']])
    patch = Edits([])
    forward(model, source['input_ids'], source['attention_mask'], patch)
    inputs = batch(TEXTS)

    def run(interventions: List[Dict]):
        edits = Edits(interventions, sources(patch.recording))
        logits = forward(model, inputs['input_ids'], inputs['attention_mask'], edits)
        return edits.recording, logits

    size = model.size
    found = cases({f'{side}Self': f'{side}.{{}}.self'}, {side: size.layers}, size.heads, size.width, SOURCE)
    logits = edited_models.bert_logits if is_bert else edited_models.gpt_logits
    write(family, inputs, found, run, {}, lambda states: logits(model, states))


def record(checkpoint: Path) -> None:
    """Writes interventions.json and interventions.safetensors into the three families' folders."""
    record_translation(checkpoint)
    record_language_model('encoder-only', SHIPPED_BERT, 'encoder')
    record_language_model('decoder-only', SHIPPED_GPT, 'decoder')
