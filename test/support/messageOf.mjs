// The text of anything that was thrown.

/** @param {unknown} error */
export function messageOf(error) {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
