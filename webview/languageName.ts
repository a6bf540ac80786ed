// The name of a language that a model can be told, in English.

/** The language's English name; the code where there is none. */
export function languageName(code: string): string {
  try {
    return new Intl.DisplayNames(['en'], { type: 'language' }).of(code) ?? code;
  } catch (error) {
    // A model may name its languages in its own way, e.g. `deu_Latn`.
    if (error instanceof RangeError) {
      return code;
    }
    throw error;
  }
}
