/**
 * Times one run of an operation, for `using`: it counts as failed when the scope ends, unless {@link succeed} was
 * called before. It counts once.
 */
export class Timer implements Disposable {
  readonly #end: (ok: boolean) => void;

  constructor(end: (ok: boolean) => void) {
    this.#end = end;
  }

  /** Records a success that took until now. */
  succeed(): void {
    this.#end(true);
  }

  /** Records a failure that took until now, unless the timer has counted already. */
  [Symbol.dispose](): void {
    this.#end(false);
  }
}
