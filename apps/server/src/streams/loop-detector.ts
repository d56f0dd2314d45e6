/** What is needed of the settings, read whenever it is needed. */
export interface LoopRules {
  readonly enabled: boolean;
  readonly checkIntervalMs: number;
}

export interface LoopDetectorOptions {
  readonly rules: () => LoopRules;
  /** Looks at every running stream. */
  readonly check: () => void;
}

/** Has the running streams looked at now and then, while that is wanted. */
export class LoopDetector {
  readonly #options: LoopDetectorOptions;
  #timer: NodeJS.Timeout | undefined;

  constructor(options: LoopDetectorOptions) {
    this.#options = options;
    this.update();
  }

  /** The rules may have changed. */
  update(): void {
    this.close();
    const { enabled, checkIntervalMs } = this.#options.rules();
    if (enabled) this.#timer = setInterval(this.#options.check, checkIntervalMs).unref();
  }

  close(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
  }
}
