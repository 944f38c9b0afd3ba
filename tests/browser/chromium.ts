/**
 * A browser for the tests that nobody has to install by hand. On Linux it comes compressed in an npm package, with the
 * libraries that it needs, and is unpacked once, next to the other packages. Elsewhere the tests use the installed
 * Chrome.
 */
import { existsSync } from "node:fs";
import { chmod, mkdir, mkdtemp, readFile, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { brotliDecompress } from "node:zlib";
import { type Browser, chromium } from "playwright-core";
import { extract } from "tar";
import { SCHOOL } from "../../testing/start-app.ts";

/** The browser may talk only to this machine: it must not look up, fetch or report anything by itself. */
const FLAGS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-quic",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
  "--font-render-hinting=none",
  `--host-resolver-rules=MAP ${SCHOOL} 127.0.0.1`,
];

/** @throws {Error} when no browser runs here. */
export async function startChromium(): Promise<Browser> {
  if (process.env.PLAINCHAT_BROWSER !== undefined) {
    return chromium.launch({ executablePath: process.env.PLAINCHAT_BROWSER, args: FLAGS });
  }
  if (process.platform !== "linux" || process.arch !== "x64")
    return chromium.launch({ channel: "chrome", args: FLAGS });
  const folder = await unpacked();
  const libraries = [process.env.LD_LIBRARY_PATH, join(folder, "lib")].filter((path) => path !== undefined).join(":");
  return chromium.launch({
    executablePath: join(folder, "chromium"),
    args: FLAGS,
    env: { ...process.env, LD_LIBRARY_PATH: libraries },
  });
}

/** Several test files may start at the same time, so the folder gets its final name only when it is complete. */
async function unpacked(): Promise<string> {
  const packageFolder = join(dirname(fileURLToPath(import.meta.resolve("@sparticuz/chromium"))), "..", "..");
  const { version } = JSON.parse(await readFile(join(packageFolder, "package.json"), "utf8"));
  const cache = join(packageFolder, "..", "..", ".cache");
  const folder = join(cache, `chromium-${version}`);
  if (existsSync(folder)) return folder;
  await mkdir(cache, { recursive: true });
  const incomplete = await mkdtemp(join(cache, "chromium-"));
  try {
    const program = await decompressed(join(packageFolder, "bin", "chromium.br"));
    await writeFile(join(incomplete, "chromium"), program);
    await chmod(join(incomplete, "chromium"), 0o755);
    const archive = join(incomplete, "libraries.tar");
    await writeFile(archive, await decompressed(join(packageFolder, "bin", "al2023.tar.br")));
    await extract({ file: archive, cwd: incomplete });
    await rename(incomplete, folder);
  } catch (error) {
    await rm(incomplete, { recursive: true, force: true });
    // Another test file was faster.
    if (!existsSync(folder)) throw error;
  }
  return folder;
}

async function decompressed(path: string): Promise<Buffer> {
  return promisify(brotliDecompress)(await readFile(path));
}
