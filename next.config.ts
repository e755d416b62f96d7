import type { NextConfig } from "next";

/** Scripts of the first generation call these paths with a key; a browser without one gets the page. */
const FIRST_GENERATION = [
  { source: "/jobs", header: "authorization" },
  { source: "/jobs/:path*", header: "authorization" },
  { source: "/tenants/me/dashboard", header: "authorization" },
  { source: "/admin/:path*", header: "x-admin-key" },
];

const config: NextConfig = {
  output: "standalone",
  poweredByHeader: false,
  agentRules: false,
  // One core serves twice the requests without it; an ingress compresses better.
  compress: false,
  // `npm run check` does it, tests included; a build has no need to do it again.
  typescript: { ignoreBuildErrors: true },
  outputFileTracingIncludes: { "/*": ["drizzle/**/*"] },
  async rewrites() {
    return {
      beforeFiles: FIRST_GENERATION.map(({ source, header }) => ({
        source,
        has: [{ type: "header" as const, key: header }],
        destination: `/api${source}`,
      })),
      afterFiles: [],
      fallback: [],
    };
  },
};

export default config;
