// Every kind of camera that the contract suite is run on. A kind's owner adds its site here.
import type { CameraKind } from "./harness.ts";
import { fileKind } from "./file-site.ts";

export const KINDS: readonly CameraKind[] = [fileKind];
