// How well the search's own numbers tell that a translation was made up: short pieces with what is right for them, and sentences with
// a reference. Last line: all figures as JSON.
import { existsSync, readFileSync } from 'node:fs';
import { doubtOf } from '../src/host/translation/doubt';
import type { TranslatedText } from '../src/shared/translation';
import { DEFAULT_DECODING } from '../src/shared/translation';
import { chrf } from '../src/training/chrf';
import { shippedFiles, startEngine } from './engineWorker';

const model = 'model';
const language = 'de';
/** Sentences of a corpus that is not part of the project, where it is there. */
const corpus = '../shared/corpora/tatoeba-test-unseen/en-de.tsv';
const SENTENCES = 400;
/** Texts that are translated side by side. */
const BATCH = 16;

/** What stands in headings and cells of tables, and what of German is right for it. */
const pieces: readonly (readonly [string, RegExp])[] = (
  [
    ['Name', 'name'],
    ['Value', 'wert'],
    ['Type', 'typ|art'],
    ['Description', 'beschreibung'],
    ['Default', 'standard|vorgabe|voreinstellung'],
    ['Usage', 'verwendung|nutzung|gebrauch|anwendung'],
    ['Installation', 'install'],
    ['Getting started', 'erste schritte|einstieg|anfang|loslegen|beginn'],
    ['Features', 'funktion|merkmal|eigenschaft'],
    ['License', 'lizenz|führerschein|genehmigung'],
    ['Overview', 'überblick|übersicht'],
    ['Example', 'beispiel'],
    ['Notes', 'notiz|anmerkung|hinweis'],
    ['Requirements', 'anforderung|voraussetzung|bedingung'],
    ['Yes', 'ja'],
    ['No', 'nein'],
    ['None', 'kein|nicht'],
    ['Red', 'rot'],
    ['Monday', 'montag'],
    ['January', 'januar'],
    ['Price', 'preis'],
    ['Total', 'gesamt|summe|insgesamt|total'],
    ['Amount', 'betrag|menge|anzahl|summe'],
    ['Date', 'datum|termin'],
    ['Country', 'land'],
    ['Germany', 'deutschland'],
    ['City', 'stadt'],
    ['Population', 'bevölkerung|einwohner|population'],
    ['Temperature', 'temperatur'],
    ['Weather', 'wetter'],
    ['Speed', 'geschwindigkeit|tempo'],
    ['Height', 'höhe|größe'],
    ['Width', 'breite'],
    ['Colour', 'farbe'],
    ['Size', 'größe'],
    ['Weight', 'gewicht'],
    ['Cat', 'katze'],
    ['Dog', 'hund'],
    ['House', 'haus'],
    ['Table', 'tisch|tabelle'],
    ['Apple', 'apfel|apple'],
    ['Water', 'wasser'],
    ['Bread', 'brot'],
    ['Step 1', 'schritt 1|erster schritt'],
    ['Chapter 3', 'kapitel 3|drittes kapitel'],
    ['Figure 2', '(abbildung|bild|figur) 2'],
    ['Table of contents', 'inhalt'],
    ['Known issues', 'bekannte (probleme|fragen|fehler|themen)'],
    ['Next steps', 'nächste.? schritt'],
    ['Read more', '(lesen sie |lies )?mehr( lesen)?|weiter ?lesen|lesen sie weiter'],
    ['Open file', 'datei öffnen|öffne.* datei'],
    ['Save', 'speicher|sicher|rette|spare'],
    ['Cancel', 'abbrech|stornier|absag|brich ab'],
    ['Help', 'hilf'],
    ['Search', 'such'],
    ['Settings', 'einstellung'],
    ['Error', 'fehler|irrtum'],
    ['Warning', 'warn|vorsicht|achtung'],
    ['Latency', 'latenz|wartezeit|verzögerung'],
    ['Throughput', 'durchsatz'],
    ['Accuracy', 'genauigkeit'],
    ['Batch size', '(batch|stapel).*größe|losgröße'],
    ['Learning rate', 'lernrate'],
    ['Hidden layers', '(versteckt|verborgen).* (schicht|lage|ebene)'],
    ['Linux', 'linux'],
    ['Windows 11', 'windows 11|fenster 11'],
    ['OK', 'ok|in ordnung'],
    ['5 ms', '5 ms'],
    ['3 apples', '(3|drei) äpfel'],
    ['10 years', '(10|zehn) jahre'],
    ['Not applicable', 'nicht (anwendbar|zutreffend|anzuwenden)'],
    ['Small', 'klein'],
    ['Large', 'groß'],
    ['High', 'hoch'],
    ['Low', 'niedrig|tief|gering'],
    ['True', 'wahr|richtig|stimmt'],
    ['False', 'falsch'],
    ['Left', 'link'],
    ['Quick start', 'schnellstart|schneller (start|einstieg|anfang)'],
    ['Command line', 'befehlszeile|kommandozeile'],
    ['Pull requests', 'pull.requests'],
    ['Data types', '(daten)(typ|art)'],
    ['Release notes', '(versions|veröffentlichungs)(hinweis|notiz)'],
    ['Breaking changes', '.*änderungen'],
    ['Unit tests', '(einheit|unit|modul).*test|test.*einheit'],
    ['GPU memory', '(gpu|grafik).*speicher'],
    ['Frequently asked questions', 'häufig.* (gestellte )?fragen'],
    ['Thank you', '(vielen )?danke?'],
    ['Contact us', 'kontakt'],
    ['Terms of service', 'bedingung'],
  ] as const
)
  // Nothing else may be said: an article, an ending, a full stop.
  .map(([piece, right]) => [
    piece,
    new RegExp(`^(?:der |die |das |ein |eine )?(?:${right})\\p{L}{0,3}\\p{P}*$`, 'iu'),
  ]);

const { engine, stop } = await startEngine(shippedFiles());

async function translate(texts: readonly string[]): Promise<TranslatedText[]> {
  const found: TranslatedText[] = [];
  for (let at = 0; at < texts.length; at += BATCH) {
    const batch = texts.slice(at, at + BATCH);
    found.push(...(await engine.translate({ model, texts: batch, language, decoding: DEFAULT_DECODING })));
  }
  return found;
}

const share = (part: number, all: number) => Number((part / Math.max(1, all)).toPrecision(3));
const perToken = ({ hypotheses: [{ logProbability, logProbabilities }] }: TranslatedText) =>
  Math.exp(logProbability / logProbabilities.length);
const isDoubted = ({ source, hypotheses: [hypothesis] }: TranslatedText) =>
  doubtOf([{ source, hypothesis }], 0) !== undefined;

const short = (await translate(pieces.map(([piece]) => piece))).map((result, i) => ({
  piece: pieces[i][0],
  said: result.hypotheses[0].target.text,
  right: pieces[i][1].test(result.hypotheses[0].target.text),
  perToken: Number(perToken(result).toFixed(3)),
  tokens: `${result.source.tokens.filter(({ special }) => !special).length} → ${result.hypotheses[0].ids.length}`,
  doubted: isDoubted(result),
}));
console.log('Headings and cells of tables:');
console.table([...short].sort((a, b) => a.perToken - b.perToken));
const wrong = short.filter(({ right }) => !right);
const right = short.filter((each) => each.right);
const figures = {
  pieces: short.length,
  wrong: wrong.length,
  found: share(wrong.filter(({ doubted }) => doubted).length, wrong.length),
  falsely: share(right.filter(({ doubted }) => doubted).length, right.length),
};
console.log(figures);

const pairs = existsSync(corpus)
  ? readFileSync(corpus, 'utf8')
      .split('\n')
      .slice(0, SENTENCES)
      .map((line) => line.split('\t'))
  : [];
const results = (await translate(pairs.map(([source]) => source))).map((result, i) => ({
  said: result.hypotheses[0].target.text,
  wanted: pairs[i][1],
  perToken: perToken(result),
  doubted: isDoubted(result),
}));
results.sort((a, b) => a.perToken - b.perToken);
const score = (of: typeof results) =>
  Number(
    chrf(
      of.map(({ said }) => said),
      of.map(({ wanted }) => wanted),
    ).toFixed(1),
  );
const tenths = Array.from({ length: results.length > 0 ? 10 : 0 }, (_, tenth) => {
  const part = results.slice((tenth * results.length) / 10, ((tenth + 1) * results.length) / 10);
  return { until: Number(part[part.length - 1].perToken.toFixed(3)), chrf: score(part) };
});
console.log('Sentences by their probability per token, in tenths:');
console.table(tenths);
const doubted = results.filter((each) => each.doubted);
const sentences = {
  doubted: share(doubted.length, results.length),
  chrf: score(results),
  ...(doubted.length > 0 ? { chrfOfDoubted: score(doubted) } : {}),
};
console.log(sentences);
await stop();
console.log(JSON.stringify({ short: figures, tenths, sentences }));
