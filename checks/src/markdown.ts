import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { repository } from './repository.ts';

/** A page of the repository, by its path from the root. */
export function readPage(path: string): string {
  return readFileSync(join(repository, path), 'utf8');
}

/**
 * The cells of all tables in a text, a row at a time, without heads. Back-ticks around a whole cell are taken off, and
 * backslashes before `<`.
 */
export function tableRows(markdown: string): string[][] {
  const lines = markdown.split('\n');
  return lines.flatMap((line, index) => {
    const isBody = line.startsWith('|') && !isRule(line) && !isRule(lines[index + 1] ?? '');
    return isBody ? [cellsOf(line)] : [];
  });
}

/** The text from a line that begins with `start` to the next such line, or to the end. Throws when there is none. */
export function sectionAt(markdown: string, start: string, nextStart: RegExp): string {
  const lines = markdown.split('\n');
  const first = lines.findIndex((line) => line.startsWith(start));
  if (first === -1) throw new Error(`No line begins with "${start}"`);
  const length = lines.slice(first + 1).findIndex((line) => nextStart.test(line));
  return lines.slice(first, length === -1 ? undefined : first + 1 + length).join('\n');
}

function isRule(line: string): boolean {
  return /^\|(\s*:?-+:?\s*\|)+\s*$/.test(line);
}

function cellsOf(row: string): string[] {
  const cells = row.slice(1, row.lastIndexOf('|')).split('|');
  return cells.map((cell) =>
    cell
      .trim()
      .replace(/^`([^`]*)`$/, '$1')
      .replaceAll('\\<', '<'),
  );
}
