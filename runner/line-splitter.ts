const MAX_LINE_BYTES = 16_384;
const LF = 10;
const CR = 13;

/**
 * Cuts a byte stream into lines at LF and CR, since SUMO ends its step records with CR alone. Lines longer than
 * 16 KiB lose their end, invalid UTF-8 becomes U+FFFD. Memory stays below one line and one piece.
 */
export class LineSplitter {
  #rest: Buffer = Buffer.alloc(0);
  #pendingCr = false;

  /** `emit` gets each whole line, without its end. */
  push(piece: Buffer, emit: (text: string) => void): void {
    let start = 0;
    for (let at = 0; at < piece.length; at += 1) {
      const byte = piece[at];
      if (byte !== LF && byte !== CR) continue;
      const isSecondOfPair =
        byte === LF && at === start && this.#rest.length === 0 && this.#pendingCr;
      if (!isSecondOfPair) this.#emit(piece.subarray(start, at), emit);
      this.#pendingCr = byte === CR;
      start = at + 1;
    }
    if (start < piece.length) this.#keep(piece.subarray(start));
  }

  /** The last line, when it has no end. */
  flush(emit: (text: string) => void): void {
    if (this.#rest.length > 0) this.#emit(Buffer.alloc(0), emit);
  }

  #emit(end: Buffer, emit: (text: string) => void): void {
    const whole = this.#rest.length === 0 ? end : Buffer.concat([this.#rest, end]);
    this.#rest = Buffer.alloc(0);
    emit(whole.toString("utf8", 0, Math.min(whole.length, MAX_LINE_BYTES)));
  }

  #keep(part: Buffer): void {
    this.#pendingCr = false;
    const room = MAX_LINE_BYTES - this.#rest.length;
    if (room > 0) this.#rest = Buffer.concat([this.#rest, part.subarray(0, room)]);
  }
}
