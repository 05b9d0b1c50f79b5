// Which browser a session is in, as people call it: by the few words of a User-Agent that have kept their meaning.
import type { Language } from "../languages/say.ts";

/** The first that fits: most browsers also claim to be the ones below them. */
const BROWSERS = [
  [/\bEdgA?(iOS)?\//, "Edge"],
  [/\bOPR\//, "Opera"],
  [/\bSamsungBrowser\//, "Samsung Internet"],
  [/\b(Firefox|FxiOS)\//, "Firefox"],
  [/\b(Chrome|CriOS|Chromium|HeadlessChrome)\//, "Chrome"],
  [/\bVersion\/\S+ .*Safari\//, "Safari"],
  [/\bcurl\//, "curl"],
] as const;
const SYSTEMS = [
  [/\biPhone\b/, "iPhone"],
  [/\biPad\b/, "iPad"],
  [/\bAndroid\b/, "Android"],
  [/\bWindows\b/, "Windows"],
  [/\bCrOS\b/, "ChromeOS"],
  [/\b(Macintosh|Mac OS X)\b/, "macOS"],
  [/\bLinux\b/, "Linux"],
] as const;

/** "Firefox on Android"; of what says neither, that it is another one. Nothing that was sent is repeated. */
export function browserName(userAgent: string, { say }: Pick<Language, "say">): string {
  const [browser, system] = [BROWSERS, SYSTEMS].map((known) => known.find(([form]) => form.test(userAgent))?.[1]);
  if (browser !== undefined && system !== undefined) return say("people.session-on", { browser, system });
  return browser ?? system ?? say("people.session-unknown");
}
