import { NOTIFY_CHANNEL } from "@/lib/activity/store";
import { startRunnerListener } from "@/lib/attempts/listener";
import { migrateDatabase } from "@/lib/db/migrate";
import { type DirectRoute, serveDirectly } from "@/lib/http/direct";
import { watchRequests } from "@/lib/http/incoming";
import { pathIn } from "@/lib/path-in";
import { startReconciler } from "@/lib/reconciler/start";
import { type Runtime, runtime } from "@/lib/runtime";

const EXIT_LIMIT_MS = 9_000;

const KEY = Symbol.for("sumo-k8.boot");
const holder = globalThis as { [KEY]?: Promise<void> };

/**
 * Before the first request is answered. Next calls it for the server and once more for its proxy; only the
 * first call of a process starts anything. What fails here ends the process with its reason.
 */
export function boot(directRoutes: readonly DirectRoute[]): Promise<void> {
  holder[KEY] ??= start(directRoutes);
  return holder[KEY];
}

async function start(directRoutes: readonly DirectRoute[]): Promise<void> {
  try {
    const current = runtime();
    watchRequests(current.env.TRUSTED_PROXY_HOPS);
    await migrateDatabase(current.env.DATABASE_URL, pathIn(process.cwd(), "drizzle"));
    current.readiness.migrated = true;
    await current.store.recover(new Date());
    await listen(current);
    const listener = await startRunnerListener(current);
    const reconciler = startReconciler(current);
    onSignal(current, async () => {
      await Promise.all([reconciler.stop(), listener.close()]);
    });
    // Last, since Next holds requests back until this is done and nobody holds back these. In development Next
    // compiles the routes again when they change.
    if (current.env.NODE_ENV === "production") serveDirectly(directRoutes, current.env.PORT);
    current.log.info(
      { backend: current.env.EXECUTION_BACKEND, runnerUrl: listener.url },
      "portal is up",
    );
  } catch (error) {
    process.stderr.write(
      `The portal cannot start. ${error instanceof Error ? error.message : String(error)}\n`,
    );
    process.exit(1);
  }
}

/** Other portals' changes of state. After a reconnect all may have changed, and the reconciler looks at all anyway. */
async function listen({ database, hub }: Runtime): Promise<void> {
  await database.sql.listen(
    NOTIFY_CHANNEL,
    (jobId) => {
      hub.emit(`job:${jobId}`);
      hub.emit("reconcile");
    },
    () => hub.emit("reconcile"),
  );
}

/**
 * Streams say good-bye first, since Next waits for them; then our own work ends and the lease is given back, so that
 * another portal leads at once; then Next's handler, which was there before, finishes its requests and exits.
 * Simulations go on.
 */
function onSignal({ hub, log }: Runtime, stop: () => Promise<void>): void {
  let stopping: Promise<void> | undefined;
  const endOnce = async () => {
    hub.close();
    setTimeout(() => process.exit(0), EXIT_LIMIT_MS).unref();
    await stop().catch((error: unknown) => log.error({ err: error }, "shutdown was not clean"));
  };
  const end = () => {
    stopping ??= endOnce();
    return stopping;
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) {
    const exits = process.listeners(signal);
    process.removeAllListeners(signal);
    process.on(signal, () => {
      void end().then(() => {
        for (const exit of exits) exit(signal);
      });
    });
  }
  process.once("disconnect", () => void end().then(() => process.exit(0))); // the launcher is gone
}
