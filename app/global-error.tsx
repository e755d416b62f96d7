"use client";

/** In place of the whole document, when even the layout failed. */
export default function GlobalError() {
  return (
    <html lang="en">
      <body>
        <main>
          <h1>The portal cannot answer now</h1>
          <p>Something went wrong on our side. Nothing was lost; try again shortly.</p>
        </main>
      </body>
    </html>
  );
}
