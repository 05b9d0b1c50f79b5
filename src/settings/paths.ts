// Paths in a settings file are relative to that file; the program works with absolute ones.
import { dirname, resolve } from "node:path";
import type { CameraPolicyEntry, CameraSettings, GatewaySettings, Kit, Policy } from "./schema.ts";

/** gateway.yaml's settings with absolute paths. */
export function absoluteGateway(settings: GatewaySettings, file: string): GatewaySettings {
  const absolute = (path: string): string => resolve(dirname(file), path);
  return {
    ...settings,
    gateway: { ...settings.gateway, dataDir: absolute(settings.gateway.dataDir) },
    policy: absolute(settings.policy),
    kit: absolute(settings.kit),
    ...(settings.profiles !== undefined && { profiles: absolute(settings.profiles) }),
    broker: {
      ...settings.broker,
      ...(settings.broker.tls !== undefined && { tls: absoluteFiles(settings.broker.tls, absolute) }),
      ...(settings.broker.external !== undefined && { external: absoluteFiles(settings.broker.external, absolute) }),
    },
    platform: settings.platform.map((sink) => absoluteFiles(sink, absolute)),
    spool: absoluteFiles(settings.spool, absolute),
    status: {
      ...settings.status,
      ...(settings.status.tls !== undefined && { tls: absoluteFiles(settings.status.tls, absolute) }),
    },
    notices: {
      ...settings.notices,
      ...(settings.notices.email !== undefined && { email: absoluteFiles(settings.notices.email, absolute) }),
      push: settings.notices.push.map((each) => absoluteFiles(each, absolute)),
    },
  };
}

/** kit.yaml's cameras with absolute paths. */
export function absoluteKit(kit: Kit, file: string): Kit {
  const absolute = (path: string): string => resolve(dirname(file), path);
  const absoluteSource = (source: CameraSettings["source"]): CameraSettings["source"] =>
    source.kind === "file" || source.kind === "folder"
      ? { ...source, path: absolute(source.path) }
      : absoluteFiles(source, absolute);
  return { ...kit, cameras: kit.cameras.map((camera) => ({ ...camera, source: absoluteSource(camera.source) })) };
}

/** policy.yaml's models with absolute paths. */
export function absolutePolicy(policy: Policy, file: string): Policy {
  const absolute = <T extends { readonly file: string }>(model: T): T => ({
    ...model,
    file: resolve(dirname(file), model.file),
  });
  const absoluteCamera = (camera: CameraPolicyEntry): CameraPolicyEntry => {
    const { model, personModel, ...redact } = camera.redact;
    return {
      ...camera,
      redact: {
        ...redact,
        ...(model !== undefined && { model: absolute(model) }),
        ...(personModel !== undefined && { personModel: absolute(personModel) }),
      },
    };
  };
  const cameras = Object.entries(policy.cameras).map(([id, camera]) => [id, absoluteCamera(camera)] as const);
  return { ...policy, cameras: Object.fromEntries(cameras) };
}

/** Makes every key that ends in File absolute. */
function absoluteFiles<T extends object>(section: T, absolute: (path: string) => string): T {
  const files = Object.entries(section).filter(([key, value]) => key.endsWith("File") && typeof value === "string");
  return { ...section, ...Object.fromEntries(files.map(([key, value]) => [key, absolute(String(value))])) };
}
