// The measurement of redaction-quality.ts as a person reads it.
import type { Tally } from "./redaction-measures.ts";
import type { QualityReport } from "./redaction-quality.ts";

export function inWords(report: QualityReport): string {
  const { outcomes, longSidePx, overBlur } = report;
  const lines = [
    `${report.pictures} pictures at level ${report.level}: ${outcomes.redacted} redacted, ${outcomes.empty} empty, ${outcomes.unsure} withheld, ${report.unread.length} unreadable`,
    ...Object.entries(report.unsure).map(([why, count]) => `  withheld ${count} times: ${why}`),
    ...report.unread.map((why) => `  unreadable: ${why}`),
    ...report.mistakes.map((why) => `  truth: ${why}`),
    `Heights are pixels of the picture; its long side is ${longSidePx.least} to ${longSidePx.most} px, ${longSidePx.median} in the middle.`,
    "privacy recall: at least 90 % of the middle 60 % of a true face's area is painted. recall: a painted region lies on it.",
    "",
    row(["", "faces", "recall", "privacy recall", "in withheld pictures"]),
    ...Object.entries(report.faces).flatMap(([group, tallies]) => [
      group,
      ...Object.entries(tallies).map(([value, tally]) => row([`  ${value}`, ...figuresOf(tally)])),
    ]),
    "",
    `${report.ignored} faces were marked to be ignored or lie outside their picture.`,
    `painted needlessly: ${percent(overBlur.withFaces)} of the area outside faces in pictures with faces, ${percent(overBlur.withoutFaces)} in pictures without`,
    "",
    row(["ms by stage", "median", "95 %"]),
    ...Object.entries(report.ms).map(([stage, { medianMs, p95Ms }]) => row([`  ${stage}`, `${medianMs}`, `${p95Ms}`])),
    `memory of the child at most: ${report.childPeakBytes === null ? "unknown" : `${Math.round(report.childPeakBytes / 2 ** 20)} MiB`}`,
    `model ${report.modelSha256 ?? "unknown"}`,
    ...Object.entries(report.settings).map(([line, count]) => `settings of ${count} pictures: ${line}`),
    `machine: ${report.machine.cores} cores of ${report.machine.processor ?? "unknown make"}, Node ${report.machine.node}`,
  ];
  return `${lines.join("\n")}\n`;
}

function figuresOf({ faces, found, covered, withheld }: Tally): string[] {
  return [`${faces}`, percent(ratio(found, faces)), percent(ratio(covered, faces)), `${withheld}`];
}

function ratio(part: number, of: number): number | null {
  return of === 0 ? null : part / of;
}

function percent(share: number | null): string {
  return share === null ? "-" : `${(share * 100).toFixed(1)} %`;
}

function row(cells: readonly string[]): string {
  return cells.map((cell, i) => (i === 0 ? cell.padEnd(32) : cell.padStart(i === 4 ? 22 : 16))).join("");
}
