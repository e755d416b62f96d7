import type { LineLevel } from "@/lib/domain/runner-protocol";

const MAX_LINES = 20;

/** What the lines of a run say about its end. */
export class ErrorsSeen {
  readonly lines: string[] = [];
  count = 0;
  reason: string | null = null;

  take(text: string, level: LineLevel): void {
    if (text.startsWith("Reason: ")) this.reason = text.slice(8).trim();
    if (level !== "error") return;
    if (!/^\s|^Quitting/.test(text)) this.count += 1;
    if (this.lines.length < MAX_LINES) this.lines.push(text);
  }
}
