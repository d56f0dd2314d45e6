import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
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
  const isSignedIn = useKey() !== undefined;
  const readable = useLive(({ connection }) => connection.kind !== 'denied');
  const submit = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    setBusy(true);
    setProblem(undefined);
    try {
      await checkKey(key.trim());
      keyStore.set(key.trim(), keep ? 'session' : 'memory');
      if (location === '/sign-in') go('/');
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
          isSignedIn
            ? 'You are signed in; another key takes the place of this one.'
            : readable
              ? 'You may look around without the key. To change something, it is needed.'
              : 'This server shows nothing without its key.'
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
