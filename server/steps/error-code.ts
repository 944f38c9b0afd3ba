/**
 * Reads the code of an error that Node, the system or Fastify threw, such as EADDRINUSE. Compare the code, never the
 * message: messages change between versions.
 */
export function codeOf(error: unknown): string | undefined {
  return error instanceof Error && "code" in error ? String(error.code) : undefined;
}
