// Policies for the sign and the papers: one as people write it, one with all that could make a page too full, one by a joker.
import type { PaperOf } from "../../src/policy/paper.ts";
import type { SignOf } from "../../src/policy/sign.ts";
import { type Policy, SCHEMAS } from "../../src/settings/schema.ts";

export const TODAY = "2026-11-22";
export const LINK = { url: "http://hedgerow.local:8080/transparency?lang=en", isLocal: true } as const;
const RECEIVERS = [{ host: "platform.example", isEncrypted: true }] as const;

/** A camera's rules; `purpose` is in each language unless it is given by language. */
export function cameraRule(purpose: string | Readonly<Record<string, string>>, more: object = {}): object {
  return { purpose: typeof purpose === "string" ? { en: purpose } : purpose, until: "2027-06-30", ...more };
}

export function signPolicy(more: object = {}): Policy {
  return SCHEMAS.policy.parse({
    version: 1,
    controller: { name: "Elm Street Association", contact: "privacy@elm.example" },
    languages: ["en", "es", "fr", "de", "ar", "uk"],
    events: { motion: { mode: "counts", windowS: 900, atLeast: 3 } },
    cameras: { "gate-cam": cameraRule("See whether the gate was left open after dark") },
    ...more,
  });
}

/** `count` cameras with purposes of `letters` letters, a long name, a long contact, quiet hours. */
export function fullPolicy(count: number, letters: number): Policy {
  const purpose = "to see whether somebody needs help on the stairs that are slippery in winter "
    .repeat(40)
    .slice(0, letters);
  return signPolicy({
    controller: {
      name: "Association of the neighbours of Elm Street, Oak Lane and the little park behind the old school",
      contact: "a-rather-long-address-for-questions-and-objections@neighbours-of-elm-street.example",
    },
    quiet: { zones: ["private-door"], hours: [{ between: ["22:00", "sunrise"] }] },
    cameras: Object.fromEntries(
      Array.from({ length: count }, (_, n) => [`camera-with-a-long-name-${n}`, cameraRule(purpose)]),
    ),
  });
}

export const HOSTILE = "<script>alert(1)</script>\u202Eevil\u0000\n</style>&\"'{{x}} ".repeat(30);

export function hostilePolicy(): Policy {
  return signPolicy({
    controller: { name: HOSTILE, contact: HOSTILE },
    cameras: { "gate-cam": cameraRule({ en: HOSTILE, de: HOSTILE }), "yard-cam": cameraRule({ 'x"><img>': HOSTILE }) },
  });
}

export function paperOf(policy: Policy, more: Partial<PaperOf> = {}): PaperOf {
  return { policy, sha256: "ab".repeat(32), receivers: RECEIVERS, cell: "u09tun", today: TODAY, ...more };
}

export function signFor(policy: Policy, more: Partial<SignOf> = {}): SignOf {
  return { policy, sha256: "ab".repeat(32), platforms: ["platform.example"], link: LINK, today: TODAY, ...more };
}
