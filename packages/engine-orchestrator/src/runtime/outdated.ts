/** Why an engine should be replaced by a new one. */
export interface Outdated {
  /**
   * `config`: another image or other flags are configured now; it is replaced when that hurts nobody, one at a time.
   * `image`: there is a newer image of the same name; it is reported, and replaced when somebody asks for it.
   * `network`: the network that it lives in is gone, and it with it; it is removed at once.
   */
  readonly reason: 'config' | 'image' | 'network';
  /** For people. */
  readonly message: string;
}
