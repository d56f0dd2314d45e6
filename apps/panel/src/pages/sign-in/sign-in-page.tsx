import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { parseHash } from '../../address/hash-address.ts';
import { useAddressParameter } from '../../address/use-address.ts';
import { problemText } from '../../api/api-problem.ts';
import { keyStore } from '../../api/key-store.ts';
import { checkKey, useKey } from '../../api/session.ts';
import { useLive } from '../../live/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';

/** Takes the API key, checks it, and keeps it in memory or in the tab's session storage. */
export function SignInPage() {
  const [location, go] = useLocation();
  const [key, setKey] = useState('');
  const [keep, setKeep] = useState(true);
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const [from] = useAddressParameter('from');
  const isSignedIn = useKey() !== undefined;
  const connection = useLive((state) => state.connection);
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await checkKey(key.trim());
      keyStore.set(key.trim(), keep ? 'session' : 'memory');
      if (location === '/sign-in') go(returnPath(from));
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };
  return (
    <div className="mx-auto max-w-md pt-6">
      <PageHeader
        title="Sign in"
        hint={
          connection.kind === 'denied'
            ? connection.wrongKey
              ? 'The server does not take the key of this tab any more. Give the present one.'
              : 'This server shows nothing without its key.'
            : isSignedIn
              ? 'You are signed in; another key takes the place of this one.'
              : 'You may look around without the key. To change something, it is needed.'
        }
      />
      <Card>
        <form onSubmit={(event) => void submit(event)} className="space-y-4">
          <Field
            label="API key"
            error={problem}
            hint="The first start prints it, and keeps it in the data folder, unless API_KEY is set."
          >
            {(control) => (
              <Input
                {...control}
                type="password"
                autoComplete="current-password"
                required
                value={key}
                onChange={(event) => setKey(event.target.value)}
              />
            )}
          </Field>
          <label className="flex items-start gap-2.5 text-base">
            <input
              type="checkbox"
              className="mt-1 accent-(--color-accent)"
              checked={keep}
              onChange={(event) => setKeep(event.target.checked)}
            />
            <span>
              Keep it until this tab is closed
              <span className="block text-xs text-muted">
                Otherwise a reload asks again. It is never put into a URL.
              </span>
            </span>
          </label>
          <Button type="submit" variant="primary" className="w-full" disabled={busy || key.trim() === ''}>
            {busy ? 'Checking…' : 'Sign in'}
          </Button>
        </form>
      </Card>
    </div>
  );
}

/** Where somebody was before the sign-in; the overview when that is not known, or was the sign-in itself. */
function returnPath(from: string): string {
  return parseHash(from).path === '/sign-in' ? '/' : `/${from.replace(/^#?\/?/, '')}`;
}
