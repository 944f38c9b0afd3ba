/**
 * Counts requests while they are served, at the cost of two additions each. /metrics makes Prometheus' text of it when
 * somebody asks.
 */
export class RequestFigures {
  /** How many requests each operation has answered, by status. */
  readonly counts = new Map<string, Map<number, number>>();
  /** How long each operation took in all, in milliseconds. */
  readonly milliseconds = new Map<string, number>();

  record(operation: string, status: number, milliseconds: number): void {
    let byStatus = this.counts.get(operation);
    if (byStatus === undefined) {
      byStatus = new Map();
      this.counts.set(operation, byStatus);
    }
    byStatus.set(status, (byStatus.get(status) ?? 0) + 1);
    this.milliseconds.set(operation, (this.milliseconds.get(operation) ?? 0) + milliseconds);
  }
}
