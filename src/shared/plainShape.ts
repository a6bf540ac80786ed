// Reads plain data of unknown shape, such as parsed JSON, strictly: says which field is wrong, and refuses fields it does not know.
import { UserError } from './errors';

/** One object of the data, with the path that leads to it for messages. */
export class PlainShape {
  private readonly read = new Set<string>();

  private constructor(
    private readonly fields: Readonly<Record<string, unknown>>,
    readonly path: string,
  ) {}

  /** @throws UserError `badRequest` when `value` is no object. */
  static of(value: unknown, path: string): PlainShape {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw wrong(path, 'must be an object');
    }
    return new PlainShape(value as Readonly<Record<string, unknown>>, path);
  }

  /** The field as it is; undefined when it is missing. */
  get(name: string): unknown {
    this.read.add(name);
    return this.fields[name];
  }

  has(name: string): boolean {
    this.read.add(name);
    return this.fields[name] !== undefined;
  }

  text(name: string): string {
    const value = this.get(name);
    if (typeof value !== 'string') {
      throw this.wrong(name, 'must be a text');
    }
    return value;
  }

  truth(name: string): boolean {
    const value = this.get(name);
    if (typeof value !== 'boolean') {
      throw this.wrong(name, 'must be true or false');
    }
    return value;
  }

  number(name: string): number {
    const value = this.get(name);
    if (typeof value !== 'number' || !Number.isFinite(value)) {
      throw this.wrong(name, 'must be a number');
    }
    return value;
  }

  /** An integer of at least `least`. */
  whole(name: string, least = 0): number {
    const value = this.number(name);
    if (!Number.isInteger(value) || value < least) {
      throw this.wrong(
        name,
        `must be a whole number${Number.isFinite(least) ? ` of at least ${least}` : ''}`,
      );
    }
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T {
    const value = this.get(name);
    const found = choices.find((choice) => choice === value);
    if (found === undefined) {
      throw this.wrong(name, `must be one of ${choices.map((choice) => `"${choice}"`).join(', ')}`);
    }
    return found;
  }

  /** Every item read by `item`, which gets its path. */
  list<T>(name: string, item: (value: unknown, path: string) => T): readonly T[] {
    const value = this.get(name);
    if (!Array.isArray(value)) {
      throw this.wrong(name, 'must be a list');
    }
    return value.map((each: unknown, i) => item(each, `${this.path}.${name}[${i}]`));
  }

  shape(name: string): PlainShape {
    return PlainShape.of(this.get(name), `${this.path}.${name}`);
  }

  /** @throws UserError `badRequest` naming a field that nobody asked for. */
  end(): void {
    const unknown = Object.keys(this.fields).find((name) => !this.read.has(name));
    if (unknown !== undefined) {
      throw wrong(`${this.path}.${unknown}`, 'is not known');
    }
  }

  wrong(name: string, problem: string): UserError {
    return wrong(`${this.path}.${name}`, problem);
  }
}

/** "recipe.interventions[0].factor must be a number." */
export function wrong(path: string, problem: string): UserError {
  return new UserError('badRequest', `${path} ${problem}.`, { path });
}
