/** Something that plays into a video element until it is stopped. */
export interface PlayerHandle {
  /** Ends it and frees what it holds; the element is empty afterwards. */
  stop(): void;
}

export interface PlayerStart {
  readonly video: HTMLVideoElement;
  readonly url: string;
  /** The key, when there is one. */
  readonly headers: Readonly<Record<string, string>>;
  /** There is something to play now. */
  readonly onReady: () => void;
  /** It plays no more, and why. Called at most once. */
  readonly onFailure: (text: string) => void;
}
