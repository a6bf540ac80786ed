// One stop of the Tab key for the rows of a list: arrows, Home and End move among them, Enter and a click act on one.

const keys: Readonly<Record<string, number>> = { ArrowUp: -1, ArrowDown: 1, Home: -Infinity, End: Infinity };

export class RowKeys {
  constructor(
    private readonly body: HTMLElement,
    act: (row: HTMLElement) => void,
    /** Told which row has the focus. */
    moved: (row: HTMLElement) => void = () => undefined,
  ) {
    body.addEventListener('click', (event) => {
      const row = this.rowOf(event.target);
      if (row && !(event.target instanceof Element && event.target.closest('vscode-button, button'))) {
        this.focus(row);
        act(row);
      }
    });
    body.addEventListener('focusin', (event) => {
      const row = this.rowOf(event.target);
      if (row) {
        this.mark(row);
        moved(row);
      }
    });
    body.addEventListener('keydown', (event) => {
      const row = this.rowOf(event.target);
      if (!row || event.target !== row) {
        return;
      }
      const by = keys[event.key];
      if (by !== undefined) {
        event.preventDefault();
        const rows = [...body.children] as HTMLElement[];
        this.focus(rows[Math.max(0, Math.min(rows.length - 1, rows.indexOf(row) + by))]);
      } else if (event.key === 'Enter' || event.key === ' ') {
        event.preventDefault();
        act(row);
      }
    });
  }

  /** After new rows have come: the first takes the Tab key. */
  static enter(body: HTMLElement): void {
    const rows = [...body.children];
    const stop = rows.find((row) => row.getAttribute('tabindex') === '0') ?? rows[0];
    for (const row of rows) {
      row.setAttribute('tabindex', row === stop ? '0' : '-1');
    }
  }

  private focus(row: HTMLElement): void {
    this.mark(row);
    row.focus();
  }

  private mark(row: HTMLElement): void {
    for (const each of this.body.children) {
      each.setAttribute('tabindex', each === row ? '0' : '-1');
    }
  }

  private rowOf(target: EventTarget | null): HTMLElement | undefined {
    const rows = [...this.body.children] as HTMLElement[];
    return target instanceof Node ? rows.find((row) => row.contains(target)) : undefined;
  }
}
