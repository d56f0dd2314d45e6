import { KeyRound, LogOut } from 'lucide-react';
import { keyStore } from '../api/key-store.ts';
import { useKey } from '../api/session.ts';
import { useCanChange } from '../live/use-can-change.ts';
import { Button, buttonClass } from '../ui/button.tsx';
import { SignInLink } from '../ui/sign-in-link.tsx';

/** Signs in and out; says so when this page can only look. */
export function SessionButton() {
  const key = useKey();
  const canChange = useCanChange();
  if (key !== undefined) {
    return (
      <Button variant="ghost" size="sm" onClick={() => keyStore.clear()}>
        <LogOut /> Sign out
      </Button>
    );
  }
  if (canChange) return <span className="px-2.5 text-xs text-muted">Keys are off</span>;
  return (
    <SignInLink className={buttonClass({ size: 'sm' })} title="Without the key this page can only look">
      <KeyRound /> Sign in
    </SignInLink>
  );
}
