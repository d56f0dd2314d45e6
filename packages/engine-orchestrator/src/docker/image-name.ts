/** Without a tag or digest Docker would pull every tag there is. */
export function withTag(image: string): string {
  const name = image.slice(image.lastIndexOf('/') + 1);
  return name.includes(':') || name.includes('@') ? image : `${image}:latest`;
}

/** `name` is `name:latest`. */
export function isSameImage(one: string, other: string): boolean {
  return withTag(one) === withTag(other);
}

/** The digest that a name asks for, `sha256:…`: there is never another image of that name. */
export function pinnedDigest(image: string): string | undefined {
  return /@(sha256:[0-9a-f]{64})$/.exec(image)?.[1];
}

/** Throws a TypeError for what cannot be the name of an image, and might be a path instead. */
export function checkImageName(image: string): void {
  if (/^[a-z0-9](?:[\w:@-]|[./](?![./]))*$/i.test(image)) return;
  throw new TypeError(`"${image}" cannot be the name of an image`);
}
