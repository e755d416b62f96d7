export type FileAnswer =
  | { readonly status: 200 }
  | { readonly status: 206; readonly start: number; readonly end: number }
  | { readonly status: 304 }
  | { readonly status: 416 };

type Conditions = Pick<Headers, "get">;

/** What a request for a file gets, by RFC 9110 (sections 13 and 14). `etag` is with its quotes, and strong. */
export function toFileAnswer(
  headers: Conditions,
  file: { size: number; etag: string },
): FileAnswer {
  const known = headers.get("if-none-match");
  if (known !== null && matches(known, file.etag)) return { status: 304 };
  const range = headers.get("range");
  const only = headers.get("if-range");
  if (range === null || (only !== null && only.trim() !== file.etag)) return { status: 200 };
  return toRange(range, file.size);
}

function matches(list: string, etag: string): boolean {
  return list.split(",").some((entry) => {
    const tag = entry.trim().replace(/^W\//, "");
    return tag === "*" || tag === etag;
  });
}

/** One range only: several, and other units, are answered with the whole file, as the RFC allows. */
function toRange(range: string, size: number): FileAnswer {
  const found = /^bytes=\s*(\d*)-(\d*)\s*$/i.exec(range);
  const [, first = "", last = ""] = found ?? [];
  if (!found || (first === "" && last === "")) return { status: 200 };
  if (first === "") return part(Math.max(0, size - Number(last)), size - 1, size);
  if (last !== "" && Number(last) < Number(first)) return { status: 200 };
  return part(Number(first), last === "" ? size - 1 : Math.min(Number(last), size - 1), size);
}

function part(start: number, end: number, size: number): FileAnswer {
  return start < size && start <= end ? { status: 206, start, end } : { status: 416 };
}
