// Random numbers for training that are the same on every machine and whose state is four plain numbers, saved in checkpoints.

/** The state of a {@link Generator}: four unsigned 32-bit integers, not all zero. */
export type GeneratorState = readonly [number, number, number, number];

/**
 * xoshiro128** 1.1 by Blackman and Vigna (https://prng.di.unimi.it/xoshiro128starstar.c): 128 bits of state, period
 * 2^128 − 1, fast in JavaScript because it needs 32-bit integers only. Not for cryptography.
 */
export class Generator {
  #a: number;
  #b: number;
  #c: number;
  #d: number;

  /** @throws RangeError when the state is not four unsigned 32-bit integers, or all zero. */
  constructor([a, b, c, d]: GeneratorState) {
    const words = [a, b, c, d];
    if (
      words.some((word) => !Number.isInteger(word) || word < 0 || word > 0xffffffff) ||
      !(a || b || c || d)
    ) {
      throw new RangeError(`[${words.join(', ')}] is no state of the generator.`);
    }
    [this.#a, this.#b, this.#c, this.#d] = [a | 0, b | 0, c | 0, d | 0];
  }

  /** From a seed and what its numbers are for (`epoch`, 3): different words give unrelated sequences. */
  static of(seed: number, ...purpose: readonly (string | number)[]): Generator {
    const word = splitMix(hash([seed, ...purpose].join('/')));
    return new Generator([word(), word(), word(), word() || 1]);
  }

  get state(): GeneratorState {
    return [this.#a >>> 0, this.#b >>> 0, this.#c >>> 0, this.#d >>> 0];
  }

  /** 32 random bits as an unsigned integer. */
  next(): number {
    const five = Math.imul(this.#b, 5);
    const result = Math.imul((five << 7) | (five >>> 25), 9);
    const shifted = this.#b << 9;
    this.#c ^= this.#a;
    this.#d ^= this.#b;
    this.#b ^= this.#c;
    this.#a ^= this.#d;
    this.#c ^= shifted;
    this.#d = (this.#d << 11) | (this.#d >>> 21);
    return result >>> 0;
  }

  /** A number in [0, 1) with 32 random bits. */
  uniform(): number {
    return this.next() / 2 ** 32;
  }

  /** An integer in [0, count), each as likely as the others up to 2^-32 · count. */
  below(count: number): number {
    return Math.floor(this.uniform() * count);
  }

  /** Normally distributed with mean 0 and variance 1: Box and Muller's method, of which only the cosine is used, so that no half pair is part of the state. */
  normal(): number {
    return Math.sqrt(-2 * Math.log((this.next() + 1) / 2 ** 32)) * Math.cos(2 * Math.PI * this.uniform());
  }

  /** A permutation of 0 … count − 1 (Fisher and Yates). */
  permutation(count: number): number[] {
    const order = Array.from({ length: count }, (_, i) => i);
    for (let i = count - 1; i > 0; i--) {
      const other = this.below(i + 1);
      [order[i], order[other]] = [order[other], order[i]];
    }
    return order;
  }

  /** Fills `target` with numbers of [low, high). */
  fillUniform(target: Float32Array, low: number, high: number): void {
    for (let i = 0; i < target.length; i++) {
      target[i] = low + (high - low) * this.uniform();
    }
  }

  /**
   * Fills a dropout mask: each element is 0 with probability `rate`, else 1 ÷ (1 − rate), so that its mean is 1
   * ("inverted" dropout, as PyTorch's). The state advances by one number per element.
   */
  fillDropout(target: Float32Array, rate: number): void {
    const dropped = Math.round(rate * 2 ** 32);
    const kept = 1 / (1 - rate);
    for (let i = 0; i < target.length; i++) {
      target[i] = this.next() < dropped ? 0 : kept;
    }
  }
}

/** FNV-1a over UTF-16 units. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let i = 0; i < text.length; i++) {
    value = Math.imul(value ^ text.charCodeAt(i), 0x01000193);
  }
  return value >>> 0;
}

/** Well mixed words from a number, as the authors of xoshiro advise for seeding. */
function splitMix(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    let mixed = Math.imul(state ^ (state >>> 16), 0x21f0aaad);
    mixed = Math.imul(mixed ^ (mixed >>> 15), 0x735a2d97);
    return (mixed ^ (mixed >>> 15)) >>> 0;
  };
}
