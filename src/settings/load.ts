// Loads gateway.yaml and the policy and kit it names: all mistakes at once, each with file, line, column and remedy.
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { type Clock, systemClock } from "../core/clock.ts";
import { GatewayError } from "../core/errors.ts";
import type { Profiles } from "../profiles/profiles.ts";
import { checkCameras, checkPolicy, checkSun } from "./camera-checks.ts";
import { checkGateway, checkKit } from "./cross-checks.ts";
import { placed, readDocument, type SettingsDocument, type Unwritten } from "./document.ts";
import { checkGatewayFiles, checkKitFiles, checkPolicyFiles } from "./file-checks.ts";
import { errorOf, type Finding, inReadingOrder } from "./findings.ts";
import type { Complaint } from "./issues.ts";
import { checkFolders } from "./folder-checks.ts";
import { brokenFamilies, type KnownProfiles, profileFindings, tryKnownProfiles } from "./own-profiles.ts";
import { absoluteGateway, absoluteKit, absolutePolicy } from "./paths.ts";
import { checkQuietSun, checkQuietZones, checkRules } from "./policy-checks.ts";
import { checkHours } from "./retention-checks.ts";
import { checkCell, checkWatches } from "./lamp-checks.ts";
import { checkProfiles } from "./profile-checks.ts";
import { type GatewaySettings, type Kit, type Policy, SCHEMAS } from "./schema.ts";
import { checkTopics } from "./topic-checks.ts";
import { checkWires } from "./wire-checks.ts";

/** The settings as they hold: all paths absolute. `policySha256`: hex, of the policy file's bytes, for receipts. */
export type Settings = {
  readonly file: string;
  readonly gateway: GatewaySettings;
  readonly policy: Policy;
  readonly policySha256: string;
  readonly kit: Kit;
  readonly warnings: readonly Finding[];
};

/** By which day, by which profiles (else those that gateway.yaml says), which languages there are words in (else not checked), and files as they are to be. */
export type CheckedBy = {
  readonly clock?: Clock;
  readonly profiles?: Profiles;
  readonly spoken?: readonly string[];
  readonly unwritten?: Unwritten;
};

/** `settings` is null when there is a mistake. Both lists in reading order. */
export type Inspection = {
  readonly settings: Settings | null;
  readonly mistakes: readonly Finding[];
  readonly warnings: readonly Finding[];
};

/**
 * Loads the three files. Throws CONFIG_INVALID with a line `file:line:column what and remedy` for each mistake (or
 * POLICY_MISSING, CONFIG_UNREADABLE, SECRET_UNREADABLE where nothing else is wrong).
 */
export async function loadSettings(gatewayFile: string, by: CheckedBy = {}): Promise<Settings> {
  const { settings, mistakes } = await inspectSettings(gatewayFile, by);
  if (settings === null) throw errorOf(mistakes, dirname(resolve(gatewayFile)));
  return settings;
}

/** The same with mistakes and warnings as values, for `hedgerow check`. Nothing that the files hold makes it throw. */
export async function inspectSettings(gatewayFile: string, by: CheckedBy = {}): Promise<Inspection> {
  const read = <T>(file: string, schema: z.ZodType<T>) => readDocument(file, schema, by.unwritten);
  const gateway = await read(resolve(gatewayFile), SCHEMAS.gateway);
  if (gateway.yaml === null) return { settings: null, mistakes: gateway.findings, warnings: [] };
  const policy = withPolicyMissing(gateway, await read(pathIn(gateway, "policy"), SCHEMAS.policy));
  const kit = withEmptyKit(gateway, await read(pathIn(gateway, "kit"), SCHEMAS.kit));
  const findings = inReadingOrder([
    ...[gateway, policy, kit].flatMap((document) => document.findings),
    ...(await checkTogether({ gateway, policy, kit }, by)),
  ]);
  const mistakes = findings.filter(({ severity }) => severity === "mistake");
  const warnings = findings.filter(({ severity }) => severity === "warning");
  if (mistakes.length > 0 || gateway.value === null || policy.value === null || kit.value === null)
    return { settings: null, mistakes, warnings };
  const settings = {
    file: gateway.file,
    gateway: absoluteGateway(gateway.value, gateway.file),
    policy: absolutePolicy(policy.value, policy.file),
    policySha256: policy.sha256,
    kit: absoluteKit(kit.value, kit.file),
    warnings,
  };
  return { settings, mistakes, warnings };
}

/** One policy file by itself. `sha256`: hex, of its bytes. Throws POLICY_MISSING, CONFIG_UNREADABLE or CONFIG_INVALID. */
export async function loadPolicy(file: string): Promise<{ readonly policy: Policy; readonly sha256: string }> {
  const document = await readDocument(resolve(file), SCHEMAS.policy);
  const { value, sha256, state } = document;
  if (state === "absent") throw new GatewayError("POLICY_MISSING", `there is no policy ${file}`);
  const complaints = value === null ? [] : checkPolicy(value, systemClock);
  const findings = [...document.findings, ...complaints.map((each) => placed(document, each))];
  const mistakes = findings.filter(({ severity }) => severity === "mistake");
  if (value === null || mistakes.length > 0) throw errorOf(mistakes, dirname(document.file));
  return { policy: absolutePolicy(value, document.file), sha256 };
}

/** One kit file by itself, with absolute paths. `profiles`: gateway.yaml's folder, if it has one. Throws CONFIG_UNREADABLE or CONFIG_INVALID. */
export async function loadKit(file: string, profiles?: string): Promise<Kit> {
  const document = await readDocument(resolve(file), SCHEMAS.kit);
  const { value } = document;
  const complaints =
    value === null
      ? []
      : [
          ...checkKitAlone(value, await tryKnownProfiles(profiles)),
          ...(await checkFolders(absoluteKit(value, document.file), null)),
        ];
  const findings = inReadingOrder([...document.findings, ...complaints.map((each) => placed(document, each))]);
  const mistakes = findings.filter(({ severity }) => severity === "mistake");
  if (value === null || mistakes.length > 0) throw errorOf(mistakes, dirname(document.file));
  return absoluteKit(value, document.file);
}

type Documents = {
  readonly gateway: SettingsDocument<GatewaySettings>;
  readonly policy: SettingsDocument<Policy>;
  readonly kit: SettingsDocument<Kit>;
};

/** Each check takes the files it needs, so that a mistake in one file does not hide those between the others. */
async function checkTogether(
  { gateway, policy, kit }: Documents,
  { clock = systemClock, profiles, spoken }: CheckedBy,
): Promise<Finding[]> {
  const lines = (document: SettingsDocument<unknown>, complaints: readonly Complaint[]): Finding[] =>
    complaints.map((complaint) => placed(document, complaint));
  const findings: Finding[] = [];
  if (gateway.value !== null) {
    findings.push(...lines(gateway, checkGateway(gateway.value, spoken)));
    findings.push(...lines(gateway, await checkGatewayFiles(absoluteGateway(gateway.value, gateway.file))));
  }
  if (policy.value !== null) {
    const alone = [checkPolicy(policy.value, clock), checkHours(policy.value), checkRules(policy.value, spoken)];
    findings.push(...lines(policy, alone.flat()));
    findings.push(...lines(policy, await checkPolicyFiles(absolutePolicy(policy.value, policy.file))));
  }
  const known = profiles === undefined ? await profilesNamedIn(gateway) : { profiles, mistakes: [], why: null };
  if (known.why !== null) {
    const text = `${known.why}; make the folder, or remove the line`;
    findings.push(placed(gateway, { path: ["profiles"], at: "value", text }, "CONFIG_UNREADABLE"));
  }
  findings.push(...profileFindings(known.mistakes));
  if (kit.value !== null) {
    findings.push(...lines(kit, checkKitAlone(kit.value, known)));
    findings.push(...lines(kit, await checkKitFiles(absoluteKit(kit.value, kit.file))));
    const dataDir = gateway.value === null ? null : absoluteGateway(gateway.value, gateway.file).gateway.dataDir;
    findings.push(...lines(kit, await checkFolders(absoluteKit(kit.value, kit.file), dataDir)));
  }
  if (kit.value !== null && gateway.value !== null)
    findings.push(
      ...lines(gateway, checkCell({ gateway: gateway.value, kit: kit.value })),
      ...lines(kit, checkSun({ gateway: gateway.value, kit: kit.value })),
    );
  if (kit.value !== null && policy.value !== null) {
    const cameras = checkCameras({ kit: kit.value, policy: policy.value });
    const quiet = checkQuietZones({ kit: kit.value, policy: policy.value });
    findings.push(...lines(kit, cameras.kit), ...lines(policy, [...cameras.policy, ...quiet]));
  }
  if (gateway.value !== null && policy.value !== null)
    findings.push(...lines(policy, checkQuietSun({ gateway: gateway.value, policy: policy.value })));
  return findings;
}

function profilesNamedIn(gateway: SettingsDocument<GatewaySettings>): ReturnType<typeof tryKnownProfiles> {
  const { profiles: folder } = gateway.value ?? {};
  return tryKnownProfiles(folder === undefined ? undefined : resolve(dirname(gateway.file), folder));
}

function checkKitAlone(kit: Kit, { profiles, mistakes }: KnownProfiles): Complaint[] {
  const inProfiles = checkProfiles(kit, profiles, brokenFamilies(mistakes));
  return [...checkKit(kit), ...checkTopics(kit), ...checkWires(kit), ...checkWatches(kit), ...inProfiles];
}

/** The path of a file that gateway.yaml names, also when something else in it is wrong. */
function pathIn(gateway: SettingsDocument<GatewaySettings>, name: "policy" | "kit"): string {
  const written = z.looseObject({ [name]: z.string().min(1) }).safeParse(gateway.yaml?.value);
  const path = written.success ? String(written.data[name]) : `${name}.yaml`;
  return resolve(dirname(gateway.file), path);
}

/** No policy, no sensing: the mistake is shown where gateway.yaml names the policy. */
function withPolicyMissing(
  gateway: SettingsDocument<unknown>,
  policy: SettingsDocument<Policy>,
): SettingsDocument<Policy> {
  if (policy.state !== "absent") return policy;
  const text = `the policy ${policy.file} does not exist; write it (see config/policy.example.yaml), for without a policy nothing is sensed`;
  return { ...policy, findings: [placed(gateway, { path: ["policy"], at: "value", text }, "POLICY_MISSING")] };
}

/** A kit that nobody named may be missing: devices can be added by hand. One that is named and absent is a mistake. */
function withEmptyKit(gateway: SettingsDocument<unknown>, kit: SettingsDocument<Kit>): SettingsDocument<Kit> {
  if (kit.state !== "absent") return kit;
  const isNamed = z.looseObject({ kit: z.string() }).safeParse(gateway.yaml?.value).success;
  const text = `the kit ${kit.file} does not exist; ${isNamed ? "write it (see config/kit.example.yaml), or remove the line" : "add devices with hedgerow device pair"}`;
  const finding = placed(
    gateway,
    { path: ["kit"], at: "value", text, ...(!isNamed && { severity: "warning" as const }) },
    "CONFIG_UNREADABLE",
  );
  return { ...kit, value: isNamed ? null : SCHEMAS.kit.parse({}), findings: [finding] };
}
