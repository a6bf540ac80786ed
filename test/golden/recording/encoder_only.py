"""Records the shipped masked model: every attention of a padded batch, and the texts' first logits."""
import torch

from recording import GOLDEN, SHIPPED_BERT, model_folder

import shipped_language_model

TEXTS = ("The animal didn't cross the street because it was too tired.", 'Every student reads a letter.')
# The whole table of a batch's logits would be most of the file.
LOGIT_POSITIONS = 4


@torch.no_grad()
def record() -> None:
    """Writes encoder-only/golden.safetensors."""
    model, vocabulary = shipped_language_model.read(SHIPPED_BERT), shipped_language_model.vocabulary(SHIPPED_BERT)
    texts = [[vocabulary.start, *vocabulary.encode(text), vocabulary.end] for text in TEXTS]
    inputs = model_folder.pad(texts, vocabulary.pad)
    recording: model_folder.Tensors = {}
    logits = model(inputs['input_ids'], inputs['attention_mask'], recording)
    model_folder.write_golden(GOLDEN / 'encoder-only' / 'golden.safetensors', {
        **inputs,
        'token_type_ids': torch.zeros_like(inputs['input_ids']),
        'logits': logits[:, :LOGIT_POSITIONS],
        'positions.encoder': model.bert['embeddings']['position_embeddings'].weight,
        **recording,
    })
    print(f'encoder-only: {tuple(inputs["input_ids"].shape)} tokens')
