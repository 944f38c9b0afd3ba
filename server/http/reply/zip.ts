/**
 * Sends files as one zip, while they are being read: it needs no more memory for a large class than for a small one.
 */
import { Readable } from "node:stream";
import type { ReadableStream } from "node:stream/web";
import { makeZip } from "client-zip";
import type { FastifyReply } from "fastify";
import type { Download } from "../../operations/archives/export-class.ts";

/** Whether an operation has returned files to download. */
export function isDownload(result: object): result is Download {
  return "files" in result;
}

/** If a file cannot be read to its end, the connection breaks: half a zip must not look like a whole one. */
export function sendZip(reply: FastifyReply, { fileName, files, at }: Download): void {
  const zip = makeZip(Array.from(files, (file) => ({ ...file, lastModified: at })));
  reply
    .type("application/zip")
    .header("content-disposition", `attachment; filename="${fileName}"`)
    .send(Readable.fromWeb(zip as ReadableStream));
}
