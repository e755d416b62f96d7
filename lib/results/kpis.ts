import sax from "sax";
import type { Kpis } from "@/lib/domain/kpis";

type Attributes = Readonly<Record<string, string>>;

/** Main figures from SUMO's statistic output (since 1.15). Null where SUMO gave none; -1 is its word for that. */
export function toKpis(xml: string): Kpis {
  const elements = readElements(xml);
  const number = (element: string, attribute: string): number | null => {
    const text = elements.get(element)?.[attribute];
    const value = text === undefined || text.trim() === "" ? Number.NaN : Number(text);
    return Number.isFinite(value) && value >= 0 ? value : null;
  };
  const whole = (element: string, attribute: string): number | null => {
    const value = number(element, attribute);
    return value === null ? null : Math.round(value);
  };
  const trips = whole("vehicleTripStatistics", "count");
  // Without a single trip SUMO writes zeros, which would read as figures.
  const mean = (attribute: string) => (trips ? number("vehicleTripStatistics", attribute) : null);
  return {
    vehicles_loaded: whole("vehicles", "loaded"),
    vehicles_inserted: whole("vehicles", "inserted"),
    vehicles_running: whole("vehicles", "running"),
    vehicles_waiting: whole("vehicles", "waiting"),
    trips,
    mean_travel_time: mean("duration"),
    mean_time_loss: mean("timeLoss"),
    mean_waiting_time: mean("waitingTime"),
    mean_depart_delay: mean("departDelay"),
    mean_speed: mean("speed"),
    mean_route_length: mean("routeLength"),
    teleports: whole("teleports", "total"),
    collisions: whole("safety", "collisions"),
    emergency_stops: whole("safety", "emergencyStops"),
  };
}

/** First element of each name; what comes before a fault in the XML counts. */
function readElements(xml: string): ReadonlyMap<string, Attributes> {
  const elements = new Map<string, Attributes>();
  const parser = sax.parser(true);
  parser.onopentag = ({ name, attributes }) => {
    if (!elements.has(name)) elements.set(name, attributes as Attributes);
  };
  parser.onerror = (error) => {
    throw error;
  };
  try {
    parser.write(xml).close();
  } catch {
    return elements;
  }
  return elements;
}
