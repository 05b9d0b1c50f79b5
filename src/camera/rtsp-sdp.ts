// What our decoder is told of a camera's stream: the first video track of its description (SDP, RFC 4566), written anew from
// an allow-list of lines. A sound track that is not in it cannot be asked for, whatever program decodes.

/** `video`: the description with nothing but the picture, null where there is none that is decoded here. `isForeign`: for its coding. */
export type StreamTracks = { readonly video: string | null; readonly hasSound: boolean; readonly isForeign: boolean };

const SESSION_LINES = /^([vostc]=|a=(control|range):)/;
const VIDEO_LINES = /^([mcb]=|a=(rtpmap|fmtp|control|framerate|framesize):)/;
/** What cameras send, as RTP names it. ffmpeg knows two dozen more, whole containers with any codec in them among these. */
const CODINGS = /^a=rtpmap: *(\d+) +(H264|H265|JPEG|MP4V-ES)(?=[/ ]|$)/i;
/** A track and the first of its numbers, which is the one that is decoded; strict, so that ffmpeg cannot read another one. */
const TRACK = /^m=video +\d+(?:\/\d+)? +[\w/]+ +(\d+)(?= |$)/;
/** JPEG's own number, which needs no name (RFC 3551, 6). */
const JPEG = "26";

export function tracksOf(sdp: string): StreamTracks {
  const lines = sdp.split(/\r?\n/);
  const starts = lines.flatMap((line, at) => (line.startsWith("m=") ? [at] : []));
  const sections = starts.map((start, nth) => lines.slice(start, starts[nth + 1] ?? lines.length));
  const session = lines.slice(0, starts[0] ?? lines.length).filter((line) => SESSION_LINES.test(line));
  const found = sections.find(([first = ""]) => first.startsWith("m=video "));
  const video = found?.filter(
    (line) => VIDEO_LINES.test(line) && (!line.startsWith("a=rtpmap:") || CODINGS.test(line)),
  );
  const isKnown = video !== undefined && isCoded(video);
  return {
    video: isKnown ? [...session, ...video, ""].join("\r\n") : null,
    isForeign: video !== undefined && !isKnown,
    hasSound: sections.some(([first = ""]) => first.startsWith("m=audio ")),
  };
}

function isCoded([first = "", ...lines]: readonly string[]): boolean {
  const [, number] = TRACK.exec(first) ?? [];
  return number !== undefined && (number === JPEG || lines.some((line) => CODINGS.exec(line)?.[1] === number));
}
