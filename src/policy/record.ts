// The record of processing (GDPR, Article 30) that a policy and gateway.yaml give. What only the association knows is left for it.
import { JOURNAL_KEPT } from "../core/change-journal.ts";
import type { Language, MessageKey } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { HOURS_MAX } from "./camera-words.ts";
import {
  type Cameras,
  camerasOn,
  fill,
  type Paper,
  type PaperLine,
  type PaperOf,
  purposeLines,
  type Receiver,
  says,
} from "./paper.ts";
import { PAPER_LIMITS } from "./paper-limits.ts";
import { shortened } from "./plain.ts";
import { type PolicyWords, policyWords } from "./words.ts";

/** The record in one language. */
export function recordOf(of: PaperOf, language: Language): Paper {
  const { policy, sha256, today, receivers, cell } = of;
  const { say } = language;
  const words = policyWords({ policy, language, today, ...(cell !== undefined && { cell }) });
  const cameras = camerasOn(today, policy);
  const section = (id: string, key: MessageKey, lines: readonly PaperLine[]) => ({ id, title: say(key), lines });
  return {
    title: say("record.title"),
    lead: say("record.lead"),
    language: language.tag,
    day: today,
    policy: sha256,
    sections: [
      section("controller", "record.controller", controllerLines(policy, language)),
      section("purposes", "record.purposes", [
        fill(say("record.fill-purpose")),
        ...purposeLines(cameras, policy, language),
      ]),
      section("legalBasis", "record.legal", [fill(say("record.fill-legal"))]),
      section("dataSubjects", "record.subjects", [
        says(say("record.subjects-passers")),
        says(say("record.subjects-nearby")),
        says(say("record.subjects-accounts")),
      ]),
      section("data", "record.data", dataLines(words, { cameras, language })),
      section("recipients", "record.recipients", recipientLines(receivers, language)),
      section("transfers", "record.transfers", [transferLine(receivers, language)]),
      section("retention", "record.retention", retentionLines(words, { cameras, receivers, language })),
      section("security", "record.security", securityLines(words, { cameras, receivers, language })),
      { id: "rights", title: words.rights.title, lines: words.rights.sentences.map(says) },
    ],
    foot: say("record.foot", { day: language.day(today), digest: sha256.slice(0, 12) }),
  };
}

export function controllerLines({ controller }: Policy, { say }: Language): readonly PaperLine[] {
  const name = shortened(controller.name, PAPER_LIMITS.nameChars);
  const contact = shortened(controller.contact, PAPER_LIMITS.nameChars);
  return [
    says(say("record.controller-name", { name })),
    says(say("record.controller-contact", { contact })),
    fill(say("record.fill-officer")),
  ];
}

type By = {
  readonly cameras: Cameras;
  readonly receivers: readonly Receiver[] | null;
  readonly language: Language;
};

function dataLines({ noticed }: PolicyWords, { cameras, language }: Pick<By, "cameras" | "language">) {
  const { say } = language;
  return [
    ...noticed.sentences.map(says),
    ...(cameras.length === 0 ? [] : [says(say("record.data-pictures"))]),
    says(say("record.data-accounts")),
    says(say("record.data-journal")),
    says(say("record.data-special")),
  ];
}

export function recipientLines(receivers: readonly Receiver[] | null, { say }: Language): readonly PaperLine[] {
  const open = says(say("record.recipients-public"));
  if (receivers === null) return [fill(say("record.fill-recipients")), open];
  if (receivers.length === 0) return [says(say("record.recipients-none")), open];
  return [...receivers.map(({ host }) => says(say("record.recipient", { host }))), open];
}

function transferLine(receivers: readonly Receiver[] | null, { say }: Language): PaperLine {
  return receivers?.length === 0 ? says(say("record.no-transfers")) : fill(say("record.fill-transfers"));
}

function retentionLines({ kept }: PolicyWords, { cameras, receivers, language }: By): readonly PaperLine[] {
  const { say } = language;
  return [
    ...cameras.map(
      ([camera, { retentionHours }]): PaperLine => ({
        kind: "says",
        text: say("policy.camera-hours", { time: language.hours(Math.min(retentionHours, HOURS_MAX)) }),
        camera,
      }),
    ),
    ...kept.sentences.map(says),
    says(say(cameras.length === 0 ? "record.retention-sent-events" : "record.retention-sent")),
    says(say("record.retention-journal", { days: JOURNAL_KEPT.days, short: JOURNAL_KEPT.addressDays })),
    ...(receivers?.length === 0 ? [] : [fill(say("record.fill-retention"))]),
  ];
}

function securityLines({ outside }: PolicyWords, { cameras, receivers, language }: By): readonly PaperLine[] {
  const { say } = language;
  const unsure = [...new Set(cameras.map(([, { redact }]) => redact.whenUnsure))];
  return [
    ...(cameras.length === 0 ? [] : [says(say("record.security-memory"))]),
    ...unsure.map((what) => says(say(`policy.camera-unsure-${what}`))),
    says(say("record.security-allow")),
    ...outside.sentences.map(says),
    says(say("record.security-disk")),
    ...(receivers ?? []).map(({ host, isEncrypted }) =>
      says(say(isEncrypted ? "record.security-sent" : "record.security-sent-plain", { host })),
    ),
    says(say("record.security-logins")),
    says(say("record.security-ledger")),
    fill(say("record.fill-security")),
  ];
}
