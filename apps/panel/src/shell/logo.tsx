/** The sign of the page: several sources, one point, several players. */
export function Logo({ className }: { readonly className?: string }) {
  return (
    <svg viewBox="0 0 32 32" className={className} aria-hidden="true">
      <rect width="32" height="32" rx="8" className="fill-accent" />
      <g className="stroke-on-accent" fill="none" strokeWidth="2.4" strokeLinecap="round" opacity="0.75">
        <path d="M9 10.5 16 16l7-5.5M9 21.5 16 16l7 5.5" />
      </g>
      <g className="fill-on-accent">
        <circle cx="16" cy="16" r="3.6" />
        <circle cx="8.5" cy="10" r="2.4" />
        <circle cx="23.5" cy="10" r="2.4" />
        <circle cx="8.5" cy="22" r="2.4" />
        <circle cx="23.5" cy="22" r="2.4" />
      </g>
    </svg>
  );
}
