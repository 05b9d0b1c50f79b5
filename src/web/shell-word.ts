// A text as one word of a command that a person copies into a shell.

/** As one word for a shell. */
export function shellWord(word: string): string {
  return `'${word.replaceAll("'", String.raw`'\''`)}'`;
}
