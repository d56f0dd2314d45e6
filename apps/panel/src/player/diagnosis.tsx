export function Diagnosis(_: { readonly content: unknown }) {
  return null;
}
