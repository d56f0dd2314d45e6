import { useQuery, useQueryClient } from '@tanstack/react-query';
import { KeyRound, Trash2 } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { problemText } from '../../api/api-problem.ts';
import { api, body } from '../../api/client.ts';
import type { PlaybackToken } from '../../api/types.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { Input } from '../../ui/field.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';

const queryKey = ['tokens'];

/** Who may play without the key. */
export function TokensCard() {
  const queries = useQueryClient();
  const [name, setName] = useState('');
  const [made, setMade] = useState<{ readonly name: string; readonly token: string }>();
  const [revoking, setRevoking] = useState<PlaybackToken>();
  const { data, error, refetch } = useQuery({
    queryKey,
    queryFn: ({ signal }) => body(api.GET('/api/v1/tokens', { signal })),
  });
  const make = async (event: FormEvent): Promise<void> => {
    event.preventDefault();
    try {
      setMade(await body(api.POST('/api/v1/tokens', { body: { name: name.trim() } })));
      setName('');
      await queries.invalidateQueries({ queryKey });
    } catch (failure) {
      toast(problemText(failure), { failed: true });
    }
  };
  const revoke = async ({ id, name: revoked }: PlaybackToken): Promise<void> => {
    await api.DELETE('/api/v1/tokens/{id}', { params: { path: { id } } });
    toast(`The token of ${revoked} was revoked.`);
    await queries.invalidateQueries({ queryKey });
  };
  return (
    <Card
      title="Playback tokens"
      hint="For players, which cannot send a key: they add ?token=… to the URL. A token plays and does nothing else."
      flush
    >
      <form onSubmit={(event) => void make(event)} className="flex gap-2 px-4 pb-3">
        <Input
          className="w-full max-w-xs"
          aria-label="Who the token is for"
          placeholder="Who it is for, such as living room"
          maxLength={100}
          value={name}
          onChange={(event) => setName(event.target.value)}
        />
        <Button type="submit" disabled={name.trim() === ''}>
          Make a token
        </Button>
      </form>
      {made !== undefined && (
        <div role="status" className="mx-4 mb-3 rounded-lg bg-ok/10 px-3 py-2">
          <p className="text-sm">
            The token for <span className="font-medium">{made.name}</span>. Copy it now: it is not shown again.
          </p>
          <p className="flex items-center gap-1">
            <code className="min-w-0 font-mono text-sm break-all">{made.token}</code>
            <CopyButton text={made.token} label="token" />
          </p>
        </div>
      )}
      {error ? (
        <Problem error={error} retry={() => void refetch()} />
      ) : data === undefined ? (
        <Loading lines={2} />
      ) : data.length === 0 ? (
        <Empty icon={KeyRound} title="No token yet" compact>
          Only needed where playback asks for a key (AUTH_PLAYBACK).
        </Empty>
      ) : (
        <ul className="divide-y divide-line border-t border-line">
          {data.map((token) => (
            <li key={token.id} className="flex items-center gap-3 px-4 py-2">
              <div className="min-w-0 flex-1">
                <p className="truncate font-medium">{token.name}</p>
                <p className="text-xs text-muted">
                  made <RelativeTime at={token.created_at} />,{' '}
                  {token.last_used_at === null ? (
                    'not used since the start'
                  ) : (
                    <>
                      used <RelativeTime at={token.last_used_at} />
                    </>
                  )}
                </p>
              </div>
              <Button size="sm" variant="quietDanger" onClick={() => setRevoking(token)}>
                <Trash2 /> Revoke
              </Button>
            </li>
          ))}
        </ul>
      )}
      {revoking && (
        <Confirm
          open
          onOpenChange={() => setRevoking(undefined)}
          title={`Revoke the token of ${revoking.name}?`}
          action="Revoke token"
          onConfirm={() => revoke(revoking)}
        >
          Whatever plays with it ends now, and nothing new is played.
        </Confirm>
      )}
    </Card>
  );
}
