// What every way of decoding is written against: a model that reads tokens and answers with logits. Types only.

/** Logits of the next token `[batch, vocabulary]`, and the state after what was read. */
export interface StepResult<State> {
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
  /** Reads `ids` `[batch][new tokens]`, equally many for each sequence of the batch. */
  advance(
    state: State,
    ids: readonly (readonly number[])[],
    signal?: AbortSignal,
  ): Promise<StepResult<State>>;
  /** The state of other sequences: row `i` continues row `rows[i]` of this one. A row may be taken several times, or never. */
  select(state: State, rows: readonly number[]): State;
}
