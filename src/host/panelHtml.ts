// The page of a webview: one script, one style sheet, and a policy that allows nothing else.

/** What differs between one webview and another. */
export interface PanelPage {
  readonly kind: 'explorer' | 'translation' | 'training';
  readonly title: string;
  /** BCP 47, for screen readers. */
  readonly language: string;
  /** Addresses that the webview may load. */
  readonly script: string;
  readonly style: string;
  /** The source of the webview's own resources, as VS Code gives it. */
  readonly cspSource: string;
  /** Fresh for every page. */
  readonly nonce: string;
}

/** The page as HTML. Scripts run only with the nonce; there is no network, no frame, no form. */
export function panelHtml(page: PanelPage): string {
  const { cspSource, nonce } = page;
  const policy = [
    `default-src 'none'`,
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource} 'nonce-${nonce}'`,
    `font-src ${cspSource}`,
    `img-src ${cspSource} data: blob:`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${attribute(page.language)}">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${attribute(page.title)}</title>
<link rel="stylesheet" nonce="${nonce}" href="${attribute(page.style)}">
</head>
<body data-kind="${page.kind}">
<script nonce="${nonce}" src="${attribute(page.script)}"></script>
</body>
</html>
`;
}

/** 128 random bits, in hexadecimal. */
export function createNonce(): string {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function attribute(text: string): string {
  return text.replace(/[&<>"]/gu, (c) => `&#${c.charCodeAt(0)};`);
}
