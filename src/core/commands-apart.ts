// The parts of the port core/commands.ts that stand in files of their own, by subject.
import type { CameraCommands } from "./camera-commands.ts";
import type { DeviceCommands } from "./device-commands.ts";
import type { DoctorCommands } from "./doctor-commands.ts";
import type { DisclosureCommands } from "./disclosure-commands.ts";
import type { ErasureCommands } from "./erasure-commands.ts";
import type { HistoryCommands } from "./history-commands.ts";
import type { NoticesCommands } from "./notices-commands.ts";
import type { PeopleCommands } from "./people-commands.ts";
import type { PolicyCommands } from "./policy-commands.ts";
import type { SpoolCommands } from "./spool-commands.ts";

export type CommandsApart = CameraCommands &
  DeviceCommands &
  DisclosureCommands &
  DoctorCommands &
  ErasureCommands &
  HistoryCommands &
  NoticesCommands &
  PeopleCommands &
  PolicyCommands &
  SpoolCommands;
