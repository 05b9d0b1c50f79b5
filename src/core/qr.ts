// The door to QR codes: a link as squares, for the page and for the terminal.
import { encode, renderUnicodeCompact } from "uqr";

/** The squares of the text's QR code, row by row, true for dark, with the quiet zone of four around it (ISO/IEC 18004, 9.1). */
export function qrSquares(text: string): readonly (readonly boolean[])[] {
  return encode(text, { ecc: "M", border: 4 }).data;
}

/** The text's QR code in half-block characters, two rows in one line, light on dark as terminals are. */
export function qrLines(text: string): string {
  return renderUnicodeCompact(text, { ecc: "M", border: 2 });
}
