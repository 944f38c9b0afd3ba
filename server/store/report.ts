/**
 * How the store tells the person who runs the server about damage and repairs: one sentence for the log, with details
 * such as the file.
 */
export type Report = (level: "info" | "error", sentence: string, details: Record<string, unknown>) => void;
