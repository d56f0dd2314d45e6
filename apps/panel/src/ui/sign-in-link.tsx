import type { ReactNode } from 'react';
import { useHash } from '../address/use-address.ts';

export interface SignInLinkProps {
  readonly className?: string;
  readonly title?: string;
  readonly children?: ReactNode;
}

/** Leads to the sign-in, and from there back to where one was. */
export function SignInLink({ children = 'Sign in', ...rest }: SignInLinkProps) {
  const from = useHash();
  return (
    <a href={`#/sign-in?${new URLSearchParams({ from })}`} {...rest}>
      {children}
    </a>
  );
}
