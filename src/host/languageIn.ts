// Finds a language in a model's list by its code, whatever its letters and region.

/** The model's own code; undefined where it has no such language, or none was asked for. */
export function languageIn(
  languages: readonly { readonly code: string }[],
  wanted: string | undefined,
): string | undefined {
  const same = (a: string, b: string) => a.toLowerCase() === b.toLowerCase();
  const primary = (code: string) => code.split('-')[0];
  return (
    wanted &&
    (
      languages.find(({ code }) => same(code, wanted)) ??
      languages.find(({ code }) => same(primary(code), primary(wanted)))
    )?.code
  );
}
