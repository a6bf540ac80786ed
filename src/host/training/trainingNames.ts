// What a new training is called. Pure.

/** `terms.de.tsv` and `base` give `base + terms.de`; numbered where that is taken. */
export function newName(base: string, document: string, taken: readonly string[]): string {
  const stem = document.replace(/\.[^.]+$/u, '');
  const plain = stem === '' ? base : `${base} + ${stem}`;
  for (let number = 1; ; number++) {
    const name = number === 1 ? plain : `${plain} ${number}`;
    if (!taken.includes(name)) {
      return name;
    }
  }
}
