/** What a result is, from the root element of SUMO's outputs (https://sumo.dlr.de/docs/Simulation/Output). */
const KIND_BY_ROOT: Readonly<Record<string, string>> = {
  tripinfos: "tripinfo",
  summary: "summary",
  "person-summary": "summary",
  personSummary: "summary",
  meandata: "edgedata",
  statistics: "statistics",
  "fcd-export": "fcd",
  "emission-export": "emissions",
  "queue-export": "queues",
  "full-export": "full",
  netstate: "netstate",
  "sumo-netstate": "netstate",
  routes: "routes",
  vehroutes: "routes",
  collisions: "collisions",
  detector: "detector",
  lanechanges: "lanechanges",
  "lane-changes": "lanechanges",
  stops: "stops",
  SSMLog: "ssm",
  snapshot: "state",
  configuration: "configuration",
  sumoConfiguration: "configuration",
  additional: "additional",
  "battery-export": "battery",
};

const KIND_BY_NAME: readonly (readonly [RegExp, string])[] = [
  [/\.sumocfg$/, "configuration"],
  [/\.(log|txt)$/, "log"],
  [/\.csv$/, "table"],
  [/\.parquet$/, "table"],
  [/\.(json|geojson)$/, "json"],
  [/\.(png|jpe?g|svg|gif)$/, "image"],
  [/\.xml$/, "xml"],
];

/** `head` is the beginning of the content, unpacked; undefined when nobody looked. */
export function kindOf(path: string, head?: string): string {
  const name = path.toLowerCase().replace(/\.(gz|zst|bz2)$/, "");
  const root = head === undefined ? undefined : rootElement(head);
  if (root !== undefined && Object.hasOwn(KIND_BY_ROOT, root)) {
    const kind = KIND_BY_ROOT[root] ?? "xml";
    return kind === "edgedata" && /<lane\s/.test(head ?? "") ? "lanedata" : kind;
  }
  return KIND_BY_NAME.find(([form]) => form.test(name))?.[1] ?? "other";
}

function rootElement(head: string): string | undefined {
  const bare = head.replaceAll(/<\?[\s\S]*?\?>|<!--[\s\S]*?-->/g, "");
  return /^\s*<([A-Za-z][\w.-]*)/.exec(bare)?.[1];
}
