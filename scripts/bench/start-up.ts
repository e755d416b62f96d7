import { atMost, type Bench, percentile, type Row } from "./part";

const STARTS = 5;

/** From the start of the process to the first 200 of /ready, with a schema that is up to date. */
export async function startUp(bench: Bench): Promise<readonly Row[]> {
  const portal = await bench.portal();
  const times: number[] = [];
  for (let n = 0; n < STARTS; n += 1) {
    await portal.stop();
    times.push((await portal.start()) / 1_000);
  }
  return [atMost("start to ready, median of 5", percentile(times, 0.5), 5, " s")];
}
