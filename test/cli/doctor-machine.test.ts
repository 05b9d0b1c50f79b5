// Shown: what `hedgerow doctor` makes of a machine, group by group, on trees like /proc and /sys. Network: doctor-network.test.ts;
// the command as a whole: doctor.whole.test.ts.
import { chmod, mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, test } from "vitest";
import { lookAtDisk } from "../../src/cli/doctor/disk.ts";
import { lookAtMemory } from "../../src/cli/doctor/memory.ts";
import { lookAtPorts } from "../../src/cli/doctor/ports.ts";
import { lookAtPower } from "../../src/cli/doctor/power.ts";
import { lookAtPrograms } from "../../src/cli/doctor/programs.ts";
import { lookAtTime } from "../../src/cli/doctor/time.ts";
import { lookAtWires } from "../../src/cli/doctor/wires.ts";
import { fakeStatus } from "../helpers/fake-house.ts";
import { camera, fakeMachine, RTSP, said, siteOf } from "../helpers/fake-machine.ts";
import { clockAt } from "../helpers/settings-folder.ts";

const FFMPEG = `case "$*" in
-version) echo "ffmpeg version 5.1.6-0+deb12u1 Copyright";;
*) echo " VFS..D h264                 H.264"; echo " VFS..D hevc                 HEVC";;
esac`;

test("an old Node, a 32-bit system and a missing ffmpeg are trouble where cameras need it, else worth knowing", async () => {
  await using bare = await fakeMachine();
  await using site = await siteOf({ kit: RTSP });
  expect(said(await lookAtPrograms(bare.machine, site.site, { version: "v20.1.0", arch: "x64" }))).toEqual([
    "trouble: Node v20.1.0 runs this, and Hedgerow needs 24",
    "trouble: there is no ffmpeg, which gate-cam cannot do without",
  ]);
  expect(said(await lookAtPrograms(bare.machine, null, { version: "v24.21.0", arch: "arm" }))).toEqual([
    "trouble: this machine is arm, for which there is no face detector",
    "note: there is no ffmpeg; only RTSP and USB cameras need it",
  ]);
});

test("ffmpeg is judged by its version and its decoders; rpicam-still only where a camera needs it", async () => {
  await using good = await fakeMachine({ programs: { ffmpeg: FFMPEG } });
  await using site = await siteOf({ kit: RTSP });
  expect(said(await lookAtPrograms(good.machine, site.site))[1]).toBe(
    "ok: ffmpeg 5.1.6-0+deb12u1, with decoders for H.264 and H.265",
  );
  await using old = await fakeMachine({ programs: { ffmpeg: 'echo "ffmpeg version 4.3.6"' } });
  expect(said(await lookAtPrograms(old.machine, site.site))[1]).toMatch(/^trouble: ffmpeg 4\.3\.6 is older/);
  await using poor = await fakeMachine({ programs: { ffmpeg: 'echo "ffmpeg version 6.0"' } });
  expect(said(await lookAtPrograms(poor.machine, site.site))[1]).toMatch(/^trouble: .* cannot decode H\.264/);
  await using pi = await siteOf({ kit: camera("{ kind: rpicam }") });
  expect(said(await lookAtPrograms(good.machine, pi.site)).at(-1)).toMatch(/^trouble: there is no rpicam-still/);
});

test("the clock: before its time, set by the network or not, and without a battery", async () => {
  await using synced = await fakeMachine({
    files: { "sys/class/rtc/rtc0/name": "rtc-ds1307\n" },
    programs: { timedatectl: "echo NTP=yes; echo NTPSynchronized=yes" },
  });
  expect(said(await lookAtTime(synced.machine, null))).toEqual([
    "ok: the clock says 2026-06-01 12:00 UTC and is set by the network",
  ]);
  await using unset = await fakeMachine({ programs: { timedatectl: "echo NTP=no; echo NTPSynchronized=no" } });
  expect(said(await lookAtTime(unset.machine, null))).toEqual([
    "warning: the clock says 2026-06-01 12:00 UTC, and nothing sets it",
    expect.stringContaining("note: this machine has no clock of its own"),
  ]);
  const past = { ...unset.machine, clock: { ...clockAt("1970-01-01"), isSynced: () => false } };
  expect(said(await lookAtTime(past, null))[0]).toMatch(/^trouble: the clock says 1970-01-01/);
});

test("a time zone is another one only when the hour is", async () => {
  await using synced = await fakeMachine({ files: { "sys/class/rtc/rtc0/name": "x" } });
  await using site = await siteOf({ gateway: "gateway: { id: elm-street, timezone: Europe/Paris }\n" });
  expect(said(await lookAtTime(synced.machine, site.site, "Europe/Madrid")).at(-1)).toBe(
    "ok: days and schedules go by Europe/Paris",
  );
  expect(said(await lookAtTime(synced.machine, site.site, "Etc/UTC")).at(-1)).toMatch(/^note: .* Etc\/UTC$/);
});

test("too little room, a disk that may only be read, one in memory, and one that wears out are each named", async () => {
  await using site = await siteOf({
    gateway: "gateway: { id: elm-street }\nspool: { bytesMax: 9000000000000000, reserveFreeBytes: 0 }\n",
  });
  const mountOn = (type: string, options: string): string => `36 35 179:2 / / ${options} - ${type} /dev/mmcblk0p2 rw\n`;
  const card = {
    "sys/dev/block/179:2": "->../../devices/soc/block/mmcblk0/mmcblk0p2",
    "sys/fs/ext4/mmcblk0p2/errors_count": "3\n",
    "sys/block/mmcblk0/device/type": "SD\n",
    "sys/block/mmcblk0/device/life_time": "0x0a 0x01\n",
  };
  await using worn = await fakeMachine({ files: { "proc/self/mountinfo": mountOn("ext4", "rw"), ...card } });
  expect(said(await lookAtDisk(worn.machine, site.site))).toEqual([
    expect.stringMatching(/^note: .* the first start makes it$/),
    expect.stringMatching(/^warning: .* are free; the buffer may grow to .* and will be stopped before$/),
    "trouble: the file system on mmcblk0p2 has met 3 errors",
    "warning: mmcblk0 has used about 100 % of its life",
    "note: the data lies on an SD card (mmcblk0)",
  ]);
  await using fixed = await fakeMachine({ files: { "proc/self/mountinfo": mountOn("ext4", "ro") } });
  expect(said(await lookAtDisk(fixed.machine, site.site))[1]).toMatch(/^trouble: \/, where .*, can be read only$/);
  await using memory = await fakeMachine({ files: { "proc/self/mountinfo": mountOn("tmpfs", "rw") } });
  expect(said(await lookAtDisk(memory.machine, site.site))[1]).toMatch(/^trouble: .* lies in memory \(tmpfs\)/);
});

test("a data directory or key that others may read is trouble, and a reserve that is used up", async () => {
  await using machine = await fakeMachine();
  await using site = await siteOf({
    gateway: "gateway: { id: elm-street }\nspool: { reserveFreeBytes: 9000000000000000 }\n",
  });
  const key = join(site.folder, "data/keys/gateway.pem");
  await mkdir(join(site.folder, "data/keys"), { recursive: true });
  await writeFile(key, "made up");
  await chmod(join(site.folder, "data"), 0o755);
  await chmod(key, 0o644);
  expect(said(await lookAtDisk(machine.machine, site.site))).toEqual([
    `trouble: ${join(site.folder, "data")} is open to other users of this machine`,
    "trouble: the gateway's key can be read by other users of this machine",
    expect.stringMatching(/so nothing can be taken from sensors$/),
  ]);
  await chmod(join(site.folder, "data"), 0o700);
  await chmod(key, 0o600);
  expect(said(await lookAtDisk(machine.machine, site.site)).slice(0, 2)).toEqual([
    `ok: ${join(site.folder, "data")} is closed to others`,
    "ok: the gateway's key is closed to others",
  ]);
});

const SWAPS = "Filename\tType\tSize\tUsed\tPriority\n";
const meminfo = (gib: number): string => `MemTotal: ${gib * 1024 * 1024} kB\n`;

test("memory that is too little for finding faces is said, where there is a camera", async () => {
  await using site = await siteOf({ kit: RTSP });
  await using small = await fakeMachine({ files: { "proc/meminfo": meminfo(0.5), "proc/swaps": SWAPS } });
  expect(said(await lookAtMemory(small.machine, site.site))).toEqual([
    "trouble: 512 MiB of memory is too little for finding faces",
    "ok: no swap: no picture can reach the disk that way",
  ]);
  expect(said(await lookAtMemory(small.machine, null))[0]).toBe("ok: 512 MiB of memory");
  await using one = await fakeMachine({ files: { "proc/meminfo": meminfo(1), "proc/swaps": SWAPS } });
  expect(said(await lookAtMemory(one.machine, site.site))[0]).toMatch(/^note: 1\.0 GiB .* tile by tile/);
  await using stubborn = await siteOf({
    kit: RTSP,
    gateway: 'gateway: { id: elm-street }\nredactor: { lowMemory: "no" }\n',
  });
  expect(said(await lookAtMemory(one.machine, stubborn.site))[0]).toMatch(/^warning: .* redactor\.lowMemory: no,/);
});

test("swap on a disk is warned of, unless the service's group is kept out of it by the kernel", async () => {
  await using site = await siteOf({ kit: RTSP });
  const onDisk = { "proc/meminfo": meminfo(4), "proc/swaps": `${SWAPS}/dev/sda2 partition 1 0 -2\n` };
  const unit = "echo LoadState=loaded; echo MemorySwapMax=0; echo ControlGroup=/system.slice/hedgerow.service";
  const swapOf = async (files: Readonly<Record<string, string>>, systemctl?: string): Promise<string | undefined> => {
    await using each = await fakeMachine({
      files: { ...onDisk, ...files },
      programs: systemctl === undefined ? {} : { systemctl },
    });
    return said(await lookAtMemory(each.machine, site.site))[1];
  };
  expect(await swapOf({})).toMatch(/^warning: there is swap on \/dev\/sda2, no service keeps Hedgerow out of it/);
  expect(await swapOf({}, unit)).toMatch(/^warning: .* MemorySwapMax=0 has no effect$/);
  const held = { "sys/fs/cgroup/system.slice/hedgerow.service/memory.swap.max": "0\n" };
  expect(await swapOf(held, unit)).toMatch(/^ok: .* kept out of it$/);
  const open = unit.replace("Max=0", "Max=infinity");
  expect(await swapOf({}, open)).toMatch(/^warning: .* the service hedgerow does not forbid it/);
  const compressed = { "proc/swaps": `${SWAPS}/dev/zram0 partition 1 0 100\n` };
  expect(await swapOf(compressed)).toBe("ok: swap is compressed memory, not disk");
  const written = { ...compressed, "sys/block/zram0/backing_dev": "/dev/loop0\n" };
  expect(await swapOf(written)).toMatch(/^warning: there is swap on \/dev\/zram0/);
});

test("a Pi's supply is judged by its own word, and what is no Pi says nothing", async () => {
  const pi = { "proc/device-tree/model": "Raspberry Pi 4 Model B Rev 1.4\0" };
  const powerOf = async (bits: string | null, files: Readonly<Record<string, string>> = {}): Promise<string[]> => {
    await using each = await fakeMachine({
      files: { ...pi, ...files },
      programs: bits === null ? {} : { vcgencmd: `echo throttled=${bits}` },
    });
    return said(await lookAtPower(each.machine));
  };
  expect(await powerOf("0x0")).toEqual([expect.stringMatching(/^ok: Raspberry Pi 4 .* good since its start$/)]);
  expect(await powerOf("0x50005")).toEqual(["trouble: the power supply's voltage is too low right now"]);
  expect(await powerOf("0x90000")).toEqual([
    "warning: the power supply's voltage was too low since the last start",
    "note: the processor was too hot since the last start",
  ]);
  const volt = { "sys/class/hwmon/hwmon1/name": "rpi_volt\n", "sys/class/hwmon/hwmon1/in0_lcrit_alarm": "1\n" };
  expect(await powerOf(null, volt)).toEqual(["trouble: the power supply's voltage was too low"]);
  expect(await powerOf(null)).toEqual([expect.stringMatching(/^note: .* does not tell this user/)]);
  await using other = await fakeMachine();
  expect(await lookAtPower(other.machine)).toEqual([]);
});

test("a wired sensor without its chip is trouble; without wires nobody looks", async () => {
  await using machine = await fakeMachine();
  await using wired = await siteOf({
    kit: "devices: [{ id: gate-pir, profile: gpio/pir, chip: no-such-chip, pin: 17, zone: gate }]\n",
  });
  expect(said(await lookAtWires(machine.machine, wired.site))).toEqual([
    expect.stringMatching(/^trouble: wired sensor gate-pir cannot be heard: /),
  ]);
  await using none = await siteOf({});
  expect(await lookAtWires(machine.machine, none.site)).toEqual([]);
});

test("a port is free, taken by another, the gateway's own, or reserved for root", async () => {
  await using site = await siteOf({
    gateway: "gateway: { id: elm-street }\nbroker: { listen: { host: 127.0.0.1 } }\nstatus: { port: 80 }\n",
  });
  // 127.0.0.1:1883 listens; on 1.0.0.127 the same port would not matter.
  const taken =
    "  sl  local_address\n   0: 0100007F:075B 00000000:0000 0A 0:0\n   1: 0100007F:0050 0100007F:0001 01 0:0\n";
  await using busy = await fakeMachine({ files: { "proc/net/tcp": taken } });
  expect(said(await lookAtPorts(busy.machine, site.site))).toEqual([
    "trouble: port 1883 for MQTT is taken by another program",
    "trouble: port 80 for the page is reserved for root, and the gateway is not root",
  ]);
  expect(said(await lookAtPorts(busy.machine, { ...site.site, running: fakeStatus() }))).toEqual([
    "ok: port 1883 for MQTT: the gateway listens",
    "trouble: port 80 for the page: the gateway runs, and nobody listens there",
  ]);
  await using elsewhere = await fakeMachine({
    files: {
      "proc/net/tcp": taken.replace("0100007F:075B", "0200007F:075B"),
      "proc/sys/net/ipv4/ip_unprivileged_port_start": "0\n",
    },
  });
  expect(said(await lookAtPorts(elsewhere.machine, site.site))).toEqual([
    "ok: port 1883 for MQTT is free",
    "ok: port 80 for the page is free",
  ]);
});
