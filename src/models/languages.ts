// Names of languages: from the tags of translation models (ISO 639-3, sometimes with a script) to BCP 47, and back from what users write.
import type { Language } from '../shared/modelSummary';

/** ISO 639-3 codes that have a shorter code in BCP 47, for languages that translation models know. */
// prettier-ignore
const shorter: Readonly<Record<string, string>> = {
  afr: 'af', amh: 'am', ara: 'ar', arb: 'ar', aze: 'az', bel: 'be', ben: 'bn', bos: 'bs', bul: 'bg', cat: 'ca',
  ces: 'cs', cmn: 'zh', cym: 'cy', dan: 'da', deu: 'de', ell: 'el', eng: 'en', epo: 'eo', est: 'et', eus: 'eu',
  fas: 'fa', fin: 'fi', fra: 'fr', gle: 'ga', glg: 'gl', guj: 'gu', hat: 'ht', heb: 'he', hin: 'hi', hrv: 'hr',
  hun: 'hu', hye: 'hy', ind: 'id', isl: 'is', ita: 'it', jpn: 'ja', kan: 'kn', kat: 'ka', kaz: 'kk', khm: 'km',
  kor: 'ko', lat: 'la', lav: 'lv', lit: 'lt', ltz: 'lb', mal: 'ml', mar: 'mr', mkd: 'mk', mlt: 'mt', mon: 'mn',
  msa: 'ms', mya: 'my', nep: 'ne', nld: 'nl', nno: 'nn', nob: 'nb', nor: 'no', pan: 'pa', pol: 'pl', por: 'pt',
  ron: 'ro', rus: 'ru', sin: 'si', slk: 'sk', slv: 'sl', som: 'so', spa: 'es', sqi: 'sq', srp: 'sr', swa: 'sw',
  swe: 'sv', tam: 'ta', tel: 'te', tgl: 'tl', tha: 'th', tur: 'tr', ukr: 'uk', urd: 'ur', uzb: 'uz', vie: 'vi',
  yid: 'yi', zho: 'zh',
};

/** `deu` → `de`, `cmn_Hans` → `zh-Hans`, `pt_br` → `pt-BR`; an unknown code stays as it is. */
export function toBcp47(tag: string): string {
  const [language = '', ...rest] = tag.split(/[_-]/);
  const code = language.toLowerCase();
  const parts = rest.map((part) =>
    part.length === 2 ? part.toUpperCase() : part.charAt(0).toUpperCase() + part.slice(1).toLowerCase(),
  );
  return [shorter[code] ?? code, ...parts].join('-');
}

/** The language that a user's code means: `de`, `DE`, `deu`, or `zh-CN` where the model knows only `zh`. */
export function findLanguage(languages: readonly Language[], wanted: string): Language | undefined {
  const code = toBcp47(wanted);
  return (
    languages.find((language) => language.code === code) ??
    languages.find((language) => language.code.split('-')[0] === code.split('-')[0])
  );
}
