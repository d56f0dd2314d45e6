import { useQueryClient } from '@tanstack/react-query';
import { SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useAddressParameter } from '../../address/use-address.ts';
import { problemText } from '../../api/api-problem.ts';
import { api, body } from '../../api/client.ts';
import type { SettingDescription } from '../../api/types.ts';
import { formatPlural } from '../../format/number.ts';
import { ActionBar } from '../../ui/action-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { Empty } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';
import { type SettingDrafts, useSettingDrafts } from './setting-drafts.ts';
import { SettingRow } from './setting-row.tsx';
import { isSameValue, parseSetting, type SettingValue } from './setting-value.ts';

const groupTitles: Readonly<Record<string, string>> = {
  server: 'Server',
  engines: 'Engines',
  access: 'Access',
  playback: 'Playback',
  'loop-detection': 'Looping streams',
  events: 'Events',
};

/** Every setting, by group. Changes are gathered and sent together: all of them hold, or none. */
export function SettingsForm({ settings }: { readonly settings: readonly SettingDescription[] }) {
  const queries = useQueryClient();
  const [search, setSearch] = useAddressParameter('find');
  const [only, setOnly] = useAddressParameter('group');
  const [drafts, setDrafts] = useSettingDrafts();
  const [busy, setBusy] = useState(false);
  const [problem, setProblem] = useState<string>();
  const { changes, faults } = useMemo(() => readDrafts(settings, drafts), [settings, drafts]);
  const wanted = search.trim().toLowerCase();
  const shown = settings.filter(
    ({ name, text, group }) => (only === '' || group === only) && `${name} ${text}`.toLowerCase().includes(wanted),
  );
  const groups = [...Map.groupBy(shown, ({ group }) => group)];

  const edit = (name: string, text: string | undefined): void => {
    const next = new Map(drafts);
    if (text === undefined) next.delete(name);
    else next.set(name, text);
    setDrafts(next);
    setProblem(undefined);
  };
  const save = async (): Promise<void> => {
    setBusy(true);
    setProblem(undefined);
    try {
      const answer = await body(
        api.POST('/api/v1/settings', {
          body: Object.fromEntries([...changes].map(([name, value]) => [name.toLowerCase(), value])),
        }),
      );
      setDrafts(new Map());
      toast(
        answer.restart_required.length === 0
          ? `${answer.message}.`
          : `${answer.message}. After a restart: ${answer.restart_required.join(', ')}.`,
      );
      await queries.invalidateQueries({ queryKey: ['settings-schema'] });
    } catch (error) {
      setProblem(problemText(error));
    } finally {
      setBusy(false);
    }
  };

  return (
    <>
      <div className="flex gap-2">
        <Input
          type="search"
          className="w-full max-w-sm flex-1"
          placeholder="Find a setting"
          aria-label="Find a setting"
          value={search}
          onChange={(event) => setSearch(event.target.value)}
        />
        <Select
          className="shrink-0"
          aria-label="Which settings"
          value={only}
          onValue={setOnly}
          options={[
            ['', 'All groups'],
            ...[...new Set(settings.map(({ group }) => group))].map(
              (group) => [group, groupTitles[group] ?? group] as const,
            ),
          ]}
        />
      </div>
      {groups.length === 0 && (
        <div className="card">
          <Empty icon={SearchX} title="No setting has that" compact />
        </div>
      )}
      {groups.map(([group, members]) => (
        <Card key={group} title={groupTitles[group] ?? group} flush>
          <ul className="divide-y divide-line border-t border-line">
            {members.map((setting) => (
              <SettingRow
                key={setting.name}
                setting={setting}
                draft={drafts.get(setting.name)}
                fault={faults.get(setting.name)}
                onEdit={(text) => edit(setting.name, text)}
              />
            ))}
          </ul>
        </Card>
      ))}
      {drafts.size > 0 && (
        <ActionBar
          label="Changes"
          alert={problem !== undefined}
          text={
            problem !== undefined ? (
              <span className="text-bad">{problem}</span>
            ) : faults.size > 0 ? (
              <span className="text-bad">{formatPlural(faults.size, 'setting')} cannot be saved like this.</span>
            ) : (
              `${formatPlural(changes.size, 'setting')} changed, not saved yet.`
            )
          }
        >
          <Button onClick={() => setDrafts(new Map())} disabled={busy}>
            Discard
          </Button>
          <Button
            variant="primary"
            disabled={busy || faults.size > 0 || changes.size === 0}
            onClick={() => void save()}
          >
            {busy ? 'Saving…' : 'Save'}
          </Button>
        </ActionBar>
      )}
    </>
  );
}

interface Drafts {
  readonly changes: ReadonlyMap<string, SettingValue>;
  readonly faults: ReadonlyMap<string, string>;
}

function readDrafts(settings: readonly SettingDescription[], drafts: SettingDrafts): Drafts {
  const changes = new Map<string, SettingValue>();
  const faults = new Map<string, string>();
  for (const setting of settings) {
    const draft = drafts.get(setting.name);
    if (draft === undefined) continue;
    const parsed = parseSetting(setting, draft);
    if ('fault' in parsed) faults.set(setting.name, parsed.fault);
    else if (!isSameValue(parsed.value, setting.value)) changes.set(setting.name, parsed.value);
  }
  return { changes, faults };
}
