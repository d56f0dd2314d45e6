import { KeyRound, WifiOff } from 'lucide-react';
import { formatAgo } from '../format/time.ts';
import { liveStore } from '../live/live-store.ts';
import { useLive } from '../live/use-live.ts';
import { Button } from '../ui/button.tsx';
import { useNow } from '../ui/relative-time.tsx';
import { SignInLink } from '../ui/sign-in-link.tsx';

/** Says that the server is gone, for how long, and that the figures are old. Nothing while all is well. */
export function ConnectionBanner() {
  const connection = useLive((state) => state.connection);
  const loaded = useLive((state) => state.loaded);
  if (connection.kind === 'lost') return <LostBanner since={connection.since} stale={loaded} />;
  if (connection.kind === 'denied' && loaded) {
    return (
      <div role="alert" className="flex items-center gap-3 bg-warn/15 px-4 py-2 text-base">
        <KeyRound className="size-4 shrink-0 text-warn" aria-hidden="true" />
        <p className="min-w-0 flex-1">The server wants the API key now.</p>
        <SignInLink className="font-medium underline underline-offset-4" />
      </div>
    );
  }
  return null;
}

function LostBanner({ since, stale }: { readonly since: number; readonly stale: boolean }) {
  const now = useNow();
  return (
    <div className="flex items-center gap-3 bg-bad/12 px-4 py-2 text-base">
      <WifiOff className="size-4 shrink-0 text-bad" aria-hidden="true" />
      <p className="min-w-0 flex-1">
        {/* Read out once, and not again at each second. */}
        <span role="alert" className="font-medium">
          The server does not answer.
        </span>{' '}
        <span className="text-muted">
          {stale ? `What you see is from ${formatAgo(since, now)}. ` : ''}Reconnecting by itself.
        </span>
      </p>
      <Button size="sm" onClick={() => liveStore.retry()}>
        Try now
      </Button>
    </div>
  );
}
