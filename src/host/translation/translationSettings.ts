// What of a translation the user has settled, as plain data; read and written by the settings file of the host.
import type { Decoding } from '../../shared/translation';

export interface TranslationSettings {
  readonly decoding: Decoding;
  /** BCP 47; undefined leaves it to the model. */
  readonly language: string | undefined;
  readonly follow: boolean;
  /** Tokens less probable than this are marked. */
  readonly confidence: number;
}
