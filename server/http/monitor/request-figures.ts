/**
 * Counts requests and adds up their times. It runs for every request, so it only does two additions. /metrics turns the
 * figures into Prometheus' format when somebody asks for them.
 */
export class RequestFigures {
  /** How many requests each operation has answered, by operation and status. */
  readonly counts = new Map<string, Map<number, number>>();
  /** The total time of each operation, in milliseconds. */
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
