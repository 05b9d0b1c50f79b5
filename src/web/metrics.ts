// The families of metric-families.ts as Prometheus text (exposition format 0.0.4).
import { type Family, type Measured, metricFamilies } from "./metric-families.ts";

/** All that is known now; a family without a sample is left out. */
export function metricsText(measured: Measured): string {
  return metricFamilies(measured).map(textOf).join("");
}

function textOf({ name, type, help, samples }: Family): string {
  const lines = samples.map(({ labels = {}, value }) => {
    const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`);
    return `${name}${pairs.length === 0 ? "" : `{${pairs.join(",")}}`} ${value}\n`;
  });
  return samples.length === 0 ? "" : `# HELP ${name} ${help}\n# TYPE ${name} ${type}\n${lines.join("")}`;
}

function escaped(text: string): string {
  return text.replaceAll("\\", "\\\\").replaceAll('"', '\\"').replaceAll("\n", "\\n");
}
