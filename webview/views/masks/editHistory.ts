// Undo and redo over plain values. What changed elsewhere becomes a step of its own.

const most = 200;

export class EditHistory<Value> {
  private past: Value[] = [];
  private future: Value[] = [];

  constructor(private current: Value) {}

  get present(): Value {
    return this.current;
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  /** A new step; what was undone before is forgotten. The same value again is no step. */
  push(next: Value): void {
    if (JSON.stringify(next) === JSON.stringify(this.current)) {
      return;
    }
    this.past = [...this.past, this.current].slice(-most);
    this.future = [];
    this.current = next;
  }

  /** @returns What to go back to; undefined at the beginning. */
  undo(): Value | undefined {
    const before = this.past.pop();
    if (before !== undefined) {
      this.future.push(this.current);
      this.current = before;
    }
    return before;
  }

  /** @returns What was undone last; undefined when there is nothing. */
  redo(): Value | undefined {
    const next = this.future.pop();
    if (next !== undefined) {
      this.past.push(this.current);
      this.current = next;
    }
    return next;
  }
}
