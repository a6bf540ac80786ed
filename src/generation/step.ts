// What every way of decoding is written against: a model that reads tokens and answers with logits. Types only.

/** Logits after what was read, and the state after it. */
export interface StepResult<State> {
  /**
   * Of the token that follows each of the last `positions` tokens that were read, `[batch, positions, vocabulary]`. They belong to
   * whoever asked, and may be changed.
   */
  readonly logits: Float32Array;
  readonly state: State;
}

/**
 * A decoder with a batch of sequences. A state is what it has read so far, usually its key/value cache; it is never
 * changed, so several continuations may begin at one state.
 */
export interface Step<State> {
  readonly vocabulary: number;
  /** Before anything was read. */
  readonly start: State;
  /**
   * Reads `ids` `[batch][new tokens]`, equally many for each sequence of the batch.
   *
   * @param positions Of how many of the new tokens logits are wanted, counted from the last one.
   */
  advance(
    state: State,
    ids: readonly (readonly number[])[],
    signal: AbortSignal | undefined,
    positions: number,
  ): Promise<StepResult<State>>;
  /** The state of other sequences: row `i` continues row `rows[i]` of this one. A row may be taken several times, or never. */
  select(state: State, rows: readonly number[]): State;
}
