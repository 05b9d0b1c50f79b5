// The sign and the papers, for anybody: they are made to be hung up and handed out. They say what the policy in force says.
import type { Hono } from "hono";
import { dayIn } from "../core/day-times.ts";
import { languageOf } from "../languages/say.ts";
import { dpiaOf } from "../policy/dpia.ts";
import { type PaperOf, receiversOf } from "../policy/paper.ts";
import { recordOf } from "../policy/record.ts";
import { registerOf } from "../policy/register.ts";
import { signOf } from "../policy/sign.ts";
import { type AppDeps, framed, type WebContext, type WebEnv } from "./answers.ts";
import { spokenFor } from "./chosen-language.ts";
import { paperBody } from "./paper-page.ts";
import { publicLink } from "./public-link.ts";
import { signPage } from "./sign-page.ts";

export function addPapers(app: Hono<WebEnv>, deps: AppDeps): void {
  const { settings, assets, policyStanding, clock } = deps;
  const receivers = receiversOf(settings.platform);
  const agreed = (): PaperOf => {
    const { policy, sha256 } = policyStanding();
    const { cell = null, timezone } = settings.gateway;
    return { policy, sha256, receivers, cell, today: dayIn(timezone, clock.nowMs()) };
  };
  app.get("/sign", (c) => {
    const { language, choices } = spokenFor(c, policyStanding());
    const address = addressOf(c, deps);
    const link = publicLink(address, language);
    const sign = signOf({ ...agreed(), platforms: receivers.map(({ host }) => host), link }, language);
    const urls = { css: assets.signCss.url, js: assets.sign.url, icon: assets.icon.url };
    const noCodeFor = link === null ? address : null;
    return c.html(signPage({ sign, language }, { choices, assets: urls, noCodeFor }));
  });
  for (const [path, paperOf] of PAPERS) {
    app.get(path, (c) => {
      const spoken = spokenFor(c, policyStanding());
      const paper = paperOf(agreed(), spoken.language);
      return c.html(framed(c, deps, { title: paper.title, body: paperBody(paper, spoken.language), spoken }));
    });
  }
  app.get("/transparency/register.json", (c) => {
    const of = agreed();
    const link = publicLink(addressOf(c, deps), languageOf(of.policy.languages[0] ?? "en"));
    return c.json(registerOf({ ...of, gateway: settings.gateway.id, link: link?.url ?? null }));
  });
}

const PAPERS = [
  ["/transparency/record", recordOf],
  ["/transparency/dpia", dpiaOf],
] as const;

/** Where residents find this page: as gateway.yaml says, else as whoever looks now has found it. The guard has looked at the host. */
function addressOf(c: WebContext, { settings }: AppDeps): string {
  return settings.status.publicUrl ?? `http://${c.req.header("host") ?? ""}`;
}
