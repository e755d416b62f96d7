/**
 * A path in a folder that is known only at run time. Not node:path's join: Next's bundler takes
 * `join(dir, "x.json")` for "any x.json of the project" and copies them into the build, secrets of a data
 * folder too. The build refuses to go on when that happens.
 */
export function pathIn(dir: string, ...parts: readonly string[]): string {
  return [dir, ...parts].join("/");
}
