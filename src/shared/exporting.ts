// What can be saved of an exploration, and the files that come of it.
import type { ExplorerView } from './protocol';

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

/** The views that a saved page can go on showing without an engine; of the others it holds pictures. */
export const LIVE_VIEWS: readonly ExplorerView[] = ['attention', 'masks', 'positions'];

/** Names of the offers that are pictures of whole views, also of those that are not open. */
export const VIEW_OFFER = 'view.';

/** The id of the element that holds the picture of a view in a saved page. */
export function pictureId(view: string): string {
  return `saved-picture-${view}`;
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
