import { Document, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import type { Problem } from './decode.ts';

export interface YamlText {
  /** The first document of the stream: like kind, kinpod does not look at the others. */
  document: Document;
  /** The document cannot be read. */
  broken: boolean;
  /** What is wrong with the text, repeated keys included (which do not make it unreadable). */
  problems: Problem[];
  hasMoreDocuments: boolean;
  /** `3:14`, counted from 1 */
  position(offset: number): string;
}

export function readYamlText(text: string): YamlText {
  const lines = new LineCounter();
  const documents = parseAllDocuments(text, { schema: 'failsafe', lineCounter: lines, prettyErrors: false });
  const document: Document = documents[0] ?? new Document(null);
  const problems = document.errors.map(({ code, pos: [offset], message }): Problem => {
    const key = /^("[^"]*"|'[^']*'|[^:\n]*)/.exec(text.slice(offset))?.[0].trim();
    return { path: [], offset, message: code === 'DUPLICATE_KEY' ? `key ${key} is there twice` : message };
  });
  return {
    document,
    broken: document.errors.some(({ code }) => code !== 'DUPLICATE_KEY'),
    problems,
    hasMoreDocuments: documents.some((other) => other !== document && !isEmpty(other)),
    position(offset) {
      const { line, col } = lines.linePos(offset);
      return `${line}:${col}`;
    },
  };
}

function isEmpty({ contents }: Document): boolean {
  return contents === null || (isScalar(contents) && !contents.value);
}
