// Assertions for the suites inside VS Code: they also run in a web worker, where node:assert does not exist.
import * as vscode from 'vscode';

/** Throws unless both are the same value; objects are compared by their JSON. */
export function equal<T>(actual: T, expected: T, what = 'value'): void {
  const [a, e] = [JSON.stringify(actual), JSON.stringify(expected)];
  if (!Object.is(actual, expected) && (typeof actual !== 'object' || a !== e)) {
    throw new Error(`${what}: expected ${e}, got ${a}`);
  }
}

/** Throws `what` unless the value is truthy. */
export function ok(value: unknown, what: string): asserts value {
  if (!value) {
    throw new Error(what);
  }
}

/** Waits until the function answers something truthy, and returns it. Throws after `ms` with the name of what was awaited. */
export async function until<T>(
  what: string,
  probe: () => T | Promise<T>,
  ms = 60_000,
): Promise<Exclude<T, undefined | null | false>> {
  const end = Date.now() + ms;
  for (;;) {
    const value = await probe();
    if (value) {
      return value as Exclude<T, undefined | null | false>;
    }
    if (Date.now() > end) {
      throw new Error(`waited ${ms} ms in vain for: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The extension this project builds. */
export function extensionUnderTest(): vscode.Extension<unknown> {
  const extension = vscode.extensions.getExtension('transformer-explorer.transformer-explorer');
  ok(extension, 'the extension is not installed in this VS Code');
  return extension;
}
