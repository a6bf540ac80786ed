"""Records the shipped language model: every attention of a padded batch with an empty cache, and the texts' logits."""
import torch

from recording import GOLDEN, SHIPPED_GPT, model_folder

import shipped_language_model

TEXTS = ("The animal didn't cross the street because it was too tired.", 'Every student reads a letter.')


@torch.no_grad()
def record() -> None:
    """Writes decoder-only/golden.safetensors."""
    model, vocabulary = shipped_language_model.read(SHIPPED_GPT), shipped_language_model.vocabulary(SHIPPED_GPT)
    inputs = model_folder.pad([vocabulary.encode(text) for text in TEXTS], vocabulary.end)
    batch, length = inputs['input_ids'].shape
    recording: model_folder.Tensors = {}
    logits = model(inputs['input_ids'], inputs['attention_mask'], recording)
    model_folder.write_golden(GOLDEN / 'decoder-only' / 'golden.safetensors', {
        **inputs,
        'position_ids': torch.arange(length).repeat(batch, 1),
        'logits': logits,
        'positions.decoder': model.transformer['wpe'].weight,
        **recording,
    })
    print(f'decoder-only: {(batch, length)} tokens')
