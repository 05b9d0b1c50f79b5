// How the addresses of usual cameras end, by maker: from the makers' own manuals. The smaller stream is named where there are
// two: a face needs no more, and a small computer has less to do.

export type Maker = {
  /** In a form's field. */
  readonly id: string;
  readonly name: string;
  readonly kind: "rtsp" | "http-snapshot" | "mjpeg";
  readonly port?: number;
  readonly path: string;
};

export const MAKERS: readonly Maker[] = [
  { id: "amcrest", name: "Amcrest, Dahua, Lorex", kind: "rtsp", path: "/cam/realmonitor?channel=1&subtype=1" },
  { id: "amcrest-picture", name: "Amcrest, Dahua, Lorex", kind: "http-snapshot", path: "/cgi-bin/snapshot.cgi" },
  { id: "axis", name: "Axis", kind: "rtsp", path: "/axis-media/media.amp" },
  { id: "axis-picture", name: "Axis", kind: "http-snapshot", path: "/axis-cgi/jpg/image.cgi" },
  { id: "bosch", name: "Bosch", kind: "rtsp", path: "/?inst=2" },
  { id: "d-link", name: "D-Link", kind: "rtsp", path: "/live2.sdp" },
  { id: "esp32", name: "ESP32 (CameraWebServer)", kind: "http-snapshot", path: "/capture" },
  { id: "esp32-stream", name: "ESP32 (CameraWebServer)", kind: "mjpeg", port: 81, path: "/stream" },
  { id: "foscam", name: "Foscam", kind: "rtsp", port: 88, path: "/videoSub" },
  { id: "hanwha", name: "Hanwha, Samsung Wisenet", kind: "rtsp", path: "/profile2/media.smp" },
  { id: "hikvision", name: "Hikvision, Annke, HiLook", kind: "rtsp", path: "/Streaming/Channels/102" },
  { id: "hikvision-picture", name: "Hikvision", kind: "http-snapshot", path: "/ISAPI/Streaming/channels/101/picture" },
  { id: "mediamtx", name: "MediaMTX", kind: "rtsp", port: 8554, path: "/cam" },
  { id: "motion", name: "Motion, motionEye", kind: "mjpeg", port: 8081, path: "/" },
  { id: "reolink", name: "Reolink", kind: "rtsp", path: "/h264Preview_01_sub" },
  { id: "tapo", name: "TP-Link Tapo, VIGI", kind: "rtsp", path: "/stream2" },
  { id: "ubiquiti", name: "Ubiquiti UniFi (standalone)", kind: "rtsp", path: "/s1" },
  { id: "uniview", name: "Uniview", kind: "rtsp", path: "/media/video2" },
  { id: "vivotek", name: "Vivotek", kind: "rtsp", path: "/live2.sdp" },
];

/** The maker that a camera's own name or model speaks of; undefined: none. */
export function makerOf(words: string): Maker | undefined {
  const said = words.toLowerCase();
  return MAKERS.find(
    ({ kind, name }) =>
      kind === "rtsp" && name.split(/[ ,()]+/).some((word) => word.length > 3 && said.includes(word.toLowerCase())),
  );
}
