export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { boot } = await import("@/lib/boot");
  const { DIRECT_ROUTES } = await import("@/app/direct-routes");
  await boot(DIRECT_ROUTES);
}
