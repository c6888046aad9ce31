/** How many rows, from when to when; both ends belong to it. */
export class Seen {
  count = 0;
  from = Number.POSITIVE_INFINITY;
  to = Number.NEGATIVE_INFINITY;

  add(time: number): void {
    this.count += 1;
    if (time < this.from) this.from = time;
    if (time > this.to) this.to = time;
  }

  merge(other: Seen): void {
    this.count += other.count;
    if (other.from < this.from) this.from = other.from;
    if (other.to > this.to) this.to = other.to;
  }

  /** Whether a row may lie in the range, whose end is exclusive. */
  within(from: number, to: number): boolean {
    return this.count > 0 && this.from < to && this.to >= from;
  }
}
