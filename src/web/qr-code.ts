// A link as a QR code that a phone reads off the page: one SVG path, black on white in both themes.
import { qrSquares } from "../core/qr.ts";
import { type Html, html, raw } from "./html.ts";

/** `label`: what a screen reader says in its place. */
export function qrCode(link: string, label = "QR code of the link below"): Html {
  const rows = qrSquares(link);
  const path = rows.flatMap((row, y) => row.flatMap((isDark, x) => (isDark ? [`M${x} ${y}h1v1h-1z`] : []))).join("");
  return html`<svg class="qr" viewBox="0 0 ${rows.length} ${rows.length}" role="img" aria-label="${label}" shape-rendering="crispEdges"><rect width="100%" height="100%" fill="#fff"/><path fill="#000" d="${raw(path)}"/></svg>`;
}
