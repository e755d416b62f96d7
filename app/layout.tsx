import type { Metadata } from "next";
import { connection } from "next/server";
import type { ReactNode } from "react";
import "./globals.css";

export const metadata: Metadata = {
  title: { default: "SUMO-K8", template: "%s - SUMO-K8" },
  description: "Run Eclipse SUMO traffic simulations from a browser or a script.",
};

export default async function RootLayout({ children }: { children: ReactNode }) {
  // The Content-Security-Policy has a nonce for each answer, so no page is made in advance.
  await connection();
  return (
    <html lang="en">
      <body className="min-h-dvh bg-ground font-sans text-ink antialiased">{children}</body>
    </html>
  );
}
