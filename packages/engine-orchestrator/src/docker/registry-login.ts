/** What a registry lets somebody in with. */
export type RegistryLogin =
  | { readonly username: string; readonly password: string }
  /** What a registry that keeps passwords elsewhere gave out for one. */
  | { readonly identityToken: string };

/**
 * Finds the login for a registry, `docker.io` or `host:port`; undefined when there is none, and the registry is asked as
 * anybody may. May reject: then it is asked as well, and a refusal says why there was no login. Nothing but these
 * functions ever sees a login: none is kept, and none is in an error.
 */
export type RegistryLogins = (
  registry: string,
  options: { readonly signal: AbortSignal },
) => Promise<RegistryLogin | undefined>;
