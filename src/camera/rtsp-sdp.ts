// What our decoder is told of a camera's stream: the first video track of its description (SDP, RFC 4566), written anew from
// an allow-list of lines. A sound track that is not in it cannot be asked for, whatever program decodes.

/** `video`: the description with nothing but the picture, null where there is no video track. */
export type StreamTracks = { readonly video: string | null; readonly hasSound: boolean };

const SESSION_LINES = /^([vostc]=|a=(control|range):)/;
const VIDEO_LINES = /^([mcb]=|a=(rtpmap|fmtp|control|framerate|framesize):)/;

export function tracksOf(sdp: string): StreamTracks {
  const lines = sdp.split(/\r?\n/);
  const starts = lines.flatMap((line, at) => (line.startsWith("m=") ? [at] : []));
  const sections = starts.map((start, nth) => lines.slice(start, starts[nth + 1] ?? lines.length));
  const session = lines.slice(0, starts[0] ?? lines.length).filter((line) => SESSION_LINES.test(line));
  const video = sections.find(([first = ""]) => first.startsWith("m=video "));
  return {
    video:
      video === undefined ? null : [...session, ...video.filter((line) => VIDEO_LINES.test(line)), ""].join("\r\n"),
    hasSound: sections.some(([first = ""]) => first.startsWith("m=audio ")),
  };
}
