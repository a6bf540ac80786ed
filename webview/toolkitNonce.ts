// Lets the toolkit's one inline style element pass the page's content security policy. Imported before the toolkit itself.
import { element } from './dom';

// FAST probes at load time whether the browser knows `:focus-visible`, with a style element. It looks for the nonce here.
const nonce = document.currentScript?.nonce;
if (nonce) {
  document.head.append(element('meta', { property: 'csp-nonce', content: nonce }));
}
