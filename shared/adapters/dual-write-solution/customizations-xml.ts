import { XMLBuilder, XMLParser } from 'fast-xml-parser';

/** An element's content: text, elements by name, or several of one name. Attributes bear an `@`. */
export type XmlContent = string | XmlContent[] | { [name: string]: XmlContent };

const RECORD = 'msdyn_dualwriteentitymap';
const RECORDS = `${RECORD}s`;

const SHAPE = { ignoreAttributes: false, attributeNamePrefix: '@', processEntities: false } as const;
const parser = new XMLParser({
  ...SHAPE,
  parseTagValue: false,
  parseAttributeValue: false,
  trimValues: false,
  cdataPropName: '#cdata',
  isArray: (name) => name === RECORD,
});
const builder = new XMLBuilder({ ...SHAPE, format: true, suppressEmptyNode: true });

/**
 * The map records of a `customizations.xml`, each by element name; entities are decoded here, since a JSON text in XML
 * holds thousands of them and a parser that expands declared ones has to count.
 * @throws Error when the text is no XML.
 */
export function recordsFromXml(xml: string): Record<string, XmlContent>[] {
  const parsed = parser.parse(xml.replace(/^\uFEFF/, ''), true) as XmlContent;
  const found = findAll(parsed);
  return found.map((record) => decoded(record) as Record<string, XmlContent>);
}

/** A `customizations.xml` with these records and nothing else. */
export function xmlFromRecords(records: readonly Record<string, XmlContent>[]): string {
  const content = { [RECORDS]: { [RECORD]: records.map((record) => encoded(record)) } };
  const root = { ImportExportXml: { '@xmlns:xsi': 'http://www.w3.org/2001/XMLSchema-instance', ...content } };
  return `<?xml version="1.0" encoding="utf-8"?>\n${builder.build(root)}`;
}

function findAll(content: XmlContent): XmlContent[] {
  if (typeof content === 'string') return [];
  if (Array.isArray(content)) return content.flatMap(findAll);
  return Object.entries(content).flatMap(([name, inner]) =>
    name === RECORD && Array.isArray(inner) ? inner.filter((each) => typeof each === 'object') : findAll(inner),
  );
}

function decoded(content: XmlContent): XmlContent {
  if (typeof content === 'string') return decodedText(content);
  if (Array.isArray(content)) return content.map(decoded);
  const { '#cdata': cdata, '#text': text, ...others } = content;
  if (cdata !== undefined)
    return `${typeof text === 'string' ? decodedText(text).trim() : ''}${[cdata].flat().join('')}`;
  if (typeof text === 'string' && text.trim() !== '') return mapValues({ '#text': text, ...others }, decoded);
  return mapValues(others, decoded);
}

function encoded(content: XmlContent): XmlContent {
  if (typeof content === 'string') return encodedText(content);
  return Array.isArray(content) ? content.map(encoded) : mapValues(content, encoded);
}

function mapValues(content: Record<string, XmlContent>, change: (inner: XmlContent) => XmlContent) {
  return Object.fromEntries(Object.entries(content).map(([name, inner]) => [name, change(inner)]));
}

const NAMED: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

function decodedText(text: string): string {
  return text.replace(/&(?:#(\d+)|#x([\da-f]+)|(\w+));/gi, (whole, decimal, hexadecimal, name) => {
    if (name !== undefined) return NAMED[name] ?? whole;
    const code = decimal === undefined ? Number.parseInt(hexadecimal, 16) : Number(decimal);
    return code <= 0x10ffff ? String.fromCodePoint(code) : whole;
  });
}

function encodedText(text: string): string {
  return xmlText(text).replace(/[&<>"\r]/g, (mark) => (mark === '\r' ? '&#13;' : `&${NAME_OF[mark]};`));
}

/** A text without the characters that XML 1.0 has no form for. */
export function xmlText(text: string): string {
  return text.replace(/[^\t\n\r\u0020-\uD7FF\uE000-\uFFFD\u{10000}-\u{10FFFF}]/gu, '');
}

const NAME_OF: Readonly<Record<string, string>> = { '&': 'amp', '<': 'lt', '>': 'gt', '"': 'quot' };
