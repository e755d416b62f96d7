import { AppError } from "@/lib/domain/errors";
import type { ArchiveLimits } from "./rules";

const GIB = 2 ** 30;

/** Counts what really comes out of an archive, the inside of its .gz files too. */
export class Budget {
  readonly #limits: ArchiveLimits;
  readonly #archiveBytes: number;
  #bytes = 0;

  constructor(archiveBytes: number, limits: ArchiveLimits) {
    this.#archiveBytes = archiveBytes;
    this.#limits = limits;
  }

  /** Throws INVALID_INPUT as soon as it is too much. `path` is the entry that is being read. */
  spend(bytes: number, path: string): void {
    this.#bytes += bytes;
    const { maxUnpackedBytes, maxRatio } = this.#limits;
    if (this.#bytes > maxUnpackedBytes) {
      refuse(
        `The archive unpacks to more than ${Math.round(maxUnpackedBytes / GIB)} GB. Leave out what the simulation does not need.`,
        path,
      );
    }
    if (this.#bytes > this.#archiveBytes * maxRatio) {
      refuse(
        `The archive unpacks to more than ${maxRatio} times its size, as archives made to fill disks do. Leave out such files.`,
        path,
      );
    }
  }
}

function refuse(message: string, path: string): never {
  throw new AppError("INVALID_INPUT", message, {
    faults: [{ file: path, message: "passes the limit" }],
  });
}
