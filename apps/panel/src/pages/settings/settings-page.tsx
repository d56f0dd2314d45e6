import { useQuery } from '@tanstack/react-query';
import { KeyRound } from 'lucide-react';
import { api, body } from '../../api/client.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { buttonClass } from '../../ui/button.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { SignInLink } from '../../ui/sign-in-link.tsx';
import { Empty, Loading, Problem } from '../../ui/state-views.tsx';
import { BackupCard } from './backup-card.tsx';
import { SettingsForm } from './settings-form.tsx';
import { TokensCard } from './tokens-card.tsx';

/** Everything that can be set, who may play, and all of it as a file. */
export default function SettingsPage() {
  const canChange = useCanChange();
  const { data, error, isPending, refetch } = useQuery({
    queryKey: ['settings-schema'],
    queryFn: ({ signal }) => body(api.GET('/api/v1/settings/schema', { signal })),
    enabled: canChange,
  });
  return (
    <>
      <PageHeader
        title="Settings"
        hint="Each with its unit and bounds. What is wrong is said while you type; nothing is half saved."
      />
      {!canChange ? (
        <div className="card">
          <Empty
            icon={KeyRound}
            title="Settings need the API key"
            action={<SignInLink className={buttonClass({ variant: 'primary' })} />}
          >
            They show what an outsider must not see.
          </Empty>
        </div>
      ) : error ? (
        <div className="card">
          <Problem error={error} retry={() => void refetch()} />
        </div>
      ) : isPending ? (
        <div className="card">
          <Loading lines={8} />
        </div>
      ) : (
        <div className="space-y-5">
          <SettingsForm settings={data} />
          <TokensCard />
          <BackupCard />
        </div>
      )}
    </>
  );
}
