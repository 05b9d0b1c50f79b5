// The sign for the fence, as content: which sentences stand on it, how large, and what is left to the page it leads to.
// HTML is made of it in web/sign-page.ts. It says less than the transparency page, and nothing that is not on that page.
import { LIMITS } from "../core/limits.ts";
import type { Language } from "../languages/say.ts";
import type { Policy } from "../settings/schema.ts";
import { toldMotion } from "./compare-events.ts";
import { type Cameras, camerasOn, purposeIn } from "./paper.ts";
import { PAPER_LIMITS } from "./paper-limits.ts";
import { shortened } from "./plain.ts";
import { fitted, type Lines } from "./sign-fit.ts";
import { isQuietSomewhere, toldSentences } from "./told.ts";

/** `language`: of words that are not in the sign's own. `name`: whose words they are, such as a camera's. */
export type SignLine = { readonly text: string; readonly language?: string; readonly name?: string };
export type SignPart = { readonly title: string; readonly lines: readonly SignLine[]; readonly isRefusal?: true };

/** `size`: 0 the largest type. `link`: null where no phone could open it. Texts are plain, to be escaped. */
export type Sign = {
  /** With a smaller headline, where there is much to say. */
  readonly isCompact: boolean;
  readonly title: string;
  readonly cameras: number;
  /** Who is responsible, and where to write to. */
  readonly head: readonly string[];
  readonly wide: readonly SignPart[];
  readonly narrow: readonly SignPart[];
  readonly link: {
    readonly url: string;
    /** To be typed: without the language, which the page knows by itself. */
    readonly typed: string;
    readonly title: string;
    readonly lines: readonly string[];
  } | null;
  readonly foot: string;
  readonly size: number;
};

export type SignOf = {
  readonly policy: Policy;
  /** Hex, of the policy's file. */
  readonly sha256: string;
  /** Who receives what is told; null where it is not known, such as without gateway.yaml. */
  readonly platforms: readonly string[] | null;
  /** The page that the QR code leads to, and whether it opens in the local network only. */
  readonly link: { readonly url: string; readonly isLocal: boolean } | null;
  /** YYYY-MM-DD at the site: the day that the sign bears, and by which a camera's time is over. */
  readonly today: string;
};

/** What each step back takes away where the sign would be too full, after a smaller headline and smaller type have not helped. */
const STEPS: readonly Less[] = [
  { purposeChars: 400, cameras: 8, nameChars: 120 },
  { purposeChars: 220, cameras: 6, nameChars: 120 },
  { purposeChars: 120, cameras: 5, nameChars: 120 },
  { purposeChars: 120, cameras: 4, nameChars: 80 },
];
const LEAST: Less = { purposeChars: 80, cameras: 3, nameChars: 60 };
type Less = { readonly purposeChars: number; readonly cameras: number; readonly nameChars: number };

/** In smaller type than this the headline rather gets smaller. */
const EASY_PT = 10.5;

/** The sign in one language, so large that it fills an A4 page and never more than that. */
export function signOf(of: SignOf, language: Language): Sign {
  const groups = [...STEPS, LEAST].flatMap((step) => {
    const written = content(of, { language, ...step });
    return [
      { contents: layouts(written), leastPt: EASY_PT },
      { contents: layouts({ ...written, isCompact: true }), leastPt: 0 },
    ];
  });
  return fitted(groups, { linesOf, otherwise: { ...content(of, { language, ...LEAST }), isCompact: true } });
}

/** With the last parts of the wide column at the head of the narrow one, too: the fuller column decides how large the type is. */
function layouts(sign: Written): readonly Written[] {
  return [0, 1, 2]
    .filter((moved) => moved < sign.wide.length)
    .map((moved) => {
      const stay = sign.wide.length - moved;
      return { ...sign, wide: sign.wide.slice(0, stay), narrow: [...sign.wide.slice(stay), ...sign.narrow] };
    });
}

type Written = Omit<Sign, "size">;
type Step = Less & { readonly language: Language };

function content(of: SignOf, step: Step): Written {
  const { policy, sha256, link, today } = of;
  const { language } = step;
  const { say } = language;
  const cameras = camerasOn(today, policy);
  const name = shortened(policy.controller.name, step.nameChars);
  const contact = shortened(policy.controller.contact, step.nameChars);
  const isShown = link !== null && link.url.length <= PAPER_LIMITS.linkChars;
  return {
    isCompact: false,
    title: say("sign.title", { cameras: cameras.length }),
    cameras: cameras.length,
    head: [
      ...(policy.draft ? [say("sign.draft")] : []),
      say("sign.responsible", { name }),
      say("sign.write-to", { contact }),
    ],
    wide: [
      ...purposes(cameras, policy, step),
      told(of, language),
      ...pictures(policy, cameras, language),
      kept(policy, cameras, language),
    ],
    narrow: [never(language), rights(language)],
    link: isShown
      ? {
          url: link.url,
          typed: link.url.replace(/\?.*/, ""),
          title: say("sign.scan"),
          lines: [say("sign.open"), ...(link.isLocal ? [say("sign.open-local")] : [])],
        }
      : null,
    foot: say("sign.as-of", { day: language.day(today), digest: sha256.slice(0, 12) }),
  };
}

function purposes(
  cameras: Cameras,
  { languages }: Policy,
  { language, purposeChars, cameras: most }: Step,
): SignPart[] {
  if (cameras.length === 0) return [];
  const shown = cameras.slice(0, most).map(([id, { purpose }]): SignLine => {
    const found = purposeIn(purpose, [language.tag, ...languages]);
    const text = shortened(found.words, purposeChars);
    return {
      text,
      ...(found.language === language.tag ? {} : { language: found.language }),
      ...(cameras.length === 1 ? {} : { name: id }),
    };
  });
  const others = cameras.length - shown.length;
  const more = others === 0 ? [] : [{ text: language.say("sign.purposes-more", { count: others }) }];
  return [{ title: language.say("sign.purposes", { cameras: cameras.length }), lines: [...shown, ...more] }];
}

function told({ policy, platforms }: SignOf, language: Language): SignPart {
  const { say } = language;
  const hosts = platforms
    ?.slice(0, PAPER_LIMITS.platformsOnSign)
    .map((host) => shortened(host, PAPER_LIMITS.nameChars));
  const texts = [
    ...toldSentences(policy, language),
    ...(isQuietSomewhere(policy) ? [say("sign.quiet")] : []),
    ...(hosts === undefined ? [] : [goesTo(hosts, language)]),
  ];
  return { title: say("sign.noticed"), lines: plainLines(texts) };
}

function goesTo(hosts: readonly string[], { say, list }: Language): string {
  return hosts.length === 0 ? say("sign.sent-nowhere") : say("sign.sent-to", { platforms: list(hosts) });
}

function pictures({ events }: Policy, cameras: Cameras, language: Language): SignPart[] {
  if (cameras.length === 0) return [];
  const { say } = language;
  const count = cameras.reduce((sum, [, { snapshotsPerDay }]) => sum + snapshotsPerDay, 0);
  const last = cameras.map(([, { until }]) => until).reduce((latest, until) => (until > latest ? until : latest));
  const texts = [
    say("sign.faces"),
    say("sign.pictures-per-day", { count }),
    ...(toldMotion(events).mode === "each" || count === 0 ? [] : [say("policy.camera-tells")]),
    say("sign.pictures-until", { day: language.day(last) }),
  ];
  return [{ title: say("sign.pictures"), lines: plainLines(texts) }];
}

function never({ say }: Language): SignPart {
  const texts = [say("sign.never-sound"), say("sign.never-recognise"), say("sign.never-read"), say("sign.never-place")];
  return { title: say("sign.never"), lines: plainLines(texts), isRefusal: true };
}

function kept({ events }: Policy, cameras: Cameras, language: Language): SignPart {
  const longestOf = (hours: readonly number[]) =>
    language.hours(Math.min(Math.max(...hours), LIMITS.eventTtlMs / 3_600_000));
  const ofEvents = longestOf([events.retentionHours, ...Object.values(events.retentionHoursOf)]);
  const ofPictures = cameras.map(([, { retentionHours }]) => retentionHours);
  const texts = [
    ...(ofPictures.length === 0 ? [] : [language.say("sign.kept-pictures", { time: longestOf(ofPictures) })]),
    language.say(ofPictures.length === 0 ? "sign.kept-only-events" : "sign.kept-events", { time: ofEvents }),
  ];
  return { title: language.say("sign.kept"), lines: plainLines(texts) };
}

function rights({ say }: Language): SignPart {
  const texts = [say("sign.rights-ask"), say("sign.rights-object"), say("sign.rights-complain")];
  return { title: say("sign.rights"), lines: plainLines(texts) };
}

function plainLines(texts: readonly string[]): SignLine[] {
  return texts.map((text) => ({ text }));
}

/** The sign as its layout stacks it: what sign-fit.ts reckons the height of. */
function linesOf({ isCompact, title, cameras, head, wide, narrow, link }: Written): Lines {
  const part = ({ title: heading, lines }: SignPart) => ({ heading, lines });
  return {
    isCompact,
    title,
    pictograms: cameras === 0 ? 1 : 2,
    head,
    wide: wide.map(part),
    narrow: narrow.map(part),
    link: link === null ? [] : [link.title, ...link.lines, link.typed],
  };
}
