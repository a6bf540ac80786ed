// What can be saved of an exploration, and the files that come of it; types only.

export type ExportFormat = 'svg' | 'png' | 'csv';

/** A picture or a matrix that the explorer's page can make a file of. */
export interface ExportOffer {
  /** E.g. `head` or `mask.causal`. */
  readonly id: string;
  readonly title: string;
  /** What exactly: layer, head, size. */
  readonly detail: string;
  /** File name without its ending. */
  readonly file: string;
  readonly formats: readonly ExportFormat[];
}

export interface ExportRequest {
  readonly id: string;
  readonly format: ExportFormat;
}

export interface ExportedFile {
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The colours and fonts of the page, for a page that has no VS Code around it. */
export interface PageTheme {
  /** CSS custom properties by name, e.g. `--vscode-foreground`. */
  readonly variables: Readonly<Record<string, string>>;
  /** E.g. `vscode-dark`. */
  readonly bodyClass: string;
}
