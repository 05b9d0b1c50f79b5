// What doctor finds behind a page under test: nothing before it is asked, then one of each state.
import type { DoctorCommands, DoctorView } from "../../src/core/doctor-commands.ts";

export const DOCTOR_FOUND: DoctorView = {
  at: "2026-11-21T12:00:00.000Z",
  left: [],
  groups: [
    { group: "programs", findings: [{ state: "ok", text: "Node v24.21.0 on arm64", remedy: null }] },
    {
      group: "power",
      findings: [{ state: "trouble", text: "the voltage is too low", remedy: "Use the supply made for this Pi." }],
    },
    {
      group: "disk",
      findings: [
        { state: "warning", text: "200 MiB are free", remedy: "Free some space: sudo apt-get clean" },
        { state: "note", text: "the data lies on an SD card", remedy: null },
      ],
    },
  ],
};

/** `asked` is told of each `examine`. */
export function fakeDoctor(asked: (command: string) => void = () => undefined): DoctorCommands {
  let view: DoctorView = { at: null, left: [], groups: [] };
  return {
    doctor: () => view,
    examine: async () => {
      asked("examine");
      view = DOCTOR_FOUND;
    },
  };
}
