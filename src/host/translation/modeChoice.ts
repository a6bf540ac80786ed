// Whether a model translates or goes on with a text, and which of the shipped ones does what it cannot.
import * as vscode from 'vscode';
import { UserError } from '../../shared/errors';
import type { Family, ModelSummary } from '../../shared/modelSummary';
import type { TranslationState } from '../../shared/translationPage';
import { languageIn } from '../languageIn';
import { SHIPPED_MODELS } from '../shippedModels';
import type { ShippedModel } from '../shippedModels';
import type { TranslationSubject } from './sessionParts';
import { commentSyntaxOf } from '../../passage/commentSyntax';

export type Mode = TranslationState['mode'];

/** What a model of a family can do; undefined where it only reads. */
export function modeOf(family: Family): Mode | undefined {
  return ({ 'encoder-decoder': 'translate', 'decoder-only': 'continue', 'encoder-only': undefined } as const)[
    family
  ];
}

/** A shipped model that can do it. */
export function shippedFor(mode: Mode): ShippedModel {
  const id = mode === 'translate' ? 'shipped:translate-en-de-fr-zh' : 'shipped:english-gpt-mini';
  return SHIPPED_MODELS.find((model) => model.id === id) ?? SHIPPED_MODELS[0];
}

/** Why a model cannot do what was asked for. */
export function cannot(model: ModelSummary, wanted: Mode): string {
  const { name } = shippedFor(wanted);
  if (wanted === 'continue') {
    return vscode.l10n.t(
      'The model {0} does not continue texts: it is no decoder-only model. {1} does.',
      model.name,
      name,
    );
  }
  return model.family === 'decoder-only'
    ? vscode.l10n.t('The model {0} continues texts and does not translate. {1} translates.', model.name, name)
    : vscode.l10n.t(
        'The model {0} only reads: it has no decoder to write with. {1} translates.',
        model.name,
        name,
      );
}

/**
 * @throws UserError `modelUnsupported` for models that only read, `languageUnknown` where the model has no such language,
 * `emptyText` where the selection has nothing for it.
 */
export function checkTranslatable(
  model: ModelSummary,
  { languageId }: TranslationSubject,
  sentences: number,
  language: string | undefined,
): void {
  if (modeOf(model.family) === undefined) {
    throw new UserError('modelUnsupported', cannot(model, 'translate'));
  }
  const known = model.languages.map(({ code }) => code);
  if (language !== undefined && known.length > 0 && !languageIn(model.languages, language)) {
    throw new UserError(
      'languageUnknown',
      vscode.l10n.t(
        'The model {0} does not translate into {1}. It knows {2}: choose one of them.',
        model.name,
        language,
        known.join(', '),
      ),
    );
  }
  if (sentences === 0) {
    throw new UserError(
      'emptyText',
      commentSyntaxOf(languageId)
        ? vscode.l10n.t('There is no comment in the selection. In programs only comments are translated.')
        : vscode.l10n.t('There are no words to translate in the selection.'),
    );
  }
}
