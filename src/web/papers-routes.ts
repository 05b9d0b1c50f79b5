// The sign and the papers, for anybody: they are made to be hung up and handed out. They say what the policy in force says.
import type { Hono } from "hono";
import { dayIn } from "../core/day-times.ts";
import { type SignOf, signOf } from "../policy/sign.ts";
import type { AppDeps, WebContext, WebEnv } from "./answers.ts";
import { spokenFor } from "./chosen-language.ts";
import { publicLink } from "./public-link.ts";
import { signPage } from "./sign-page.ts";

export function addPapers(app: Hono<WebEnv>, deps: AppDeps): void {
  const { settings, assets, policyStanding, clock } = deps;
  const agreed = (): Omit<SignOf, "link"> => {
    const { policy, sha256 } = policyStanding();
    const platforms = settings.platform.map(({ url }) => new URL(url).host);
    return { policy, sha256, platforms, today: dayIn(settings.gateway.timezone, clock.nowMs()) };
  };
  app.get("/sign", (c) => {
    const { language, choices } = spokenFor(c, policyStanding());
    const address = addressOf(c, deps);
    const link = publicLink(address, language);
    const urls = { css: assets.signCss.url, js: assets.sign.url, icon: assets.icon.url };
    const noCodeFor = link === null ? address : null;
    return c.html(
      signPage({ sign: signOf({ ...agreed(), link }, language), language }, { choices, assets: urls, noCodeFor }),
    );
  });
}

/** Where residents find this page: as gateway.yaml says, else as whoever looks now has found it. The guard has looked at the host. */
function addressOf(c: WebContext, { settings }: AppDeps): string {
  return settings.status.publicUrl ?? `http://${c.req.header("host") ?? ""}`;
}
