import { useState } from 'react';
import { StopStreamsButton } from '../../actions/stop-streams-button.tsx';
import { useAddressParameter } from '../../address/use-address.ts';
import { shortId } from '../../format/content.ts';
import { formatPlural } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useLive, useStreams } from '../../live/use-live.ts';
import { viewersOf } from '../../model/viewers-of.ts';
import { ActionBar } from '../../ui/action-bar.tsx';
import { Button } from '../../ui/button.tsx';
import { Input, Select } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Loading } from '../../ui/state-views.tsx';
import { EndedStreams } from './ended-streams.tsx';
import { StreamTable } from './stream-table.tsx';

/** Everything that plays, and what played before. */
export function StreamsPage() {
  const [shown, setShown] = useAddressParameter('show', 'running');
  const [filter, setFilter] = useAddressParameter('find');
  const [chosen, setChosen] = useState<ReadonlySet<string | number>>(new Set());
  const canChange = useCanChange();
  const loaded = useLive((state) => state.loaded);
  const running = useStreams();
  // Those that have ended meanwhile are not chosen any more.
  const chosenStreams = running.filter(({ id }) => chosen.has(id));
  return (
    <>
      <PageHeader
        title="Streams"
        hint={
          loaded
            ? `${formatPlural(running.length, 'stream')} for ${formatPlural(viewersOf(running), 'viewer')}`
            : 'Waiting for the server'
        }
      />
      <div className="mb-4 flex gap-2">
        <Input
          type="search"
          className="w-full max-w-sm flex-1"
          placeholder="Filter by channel or engine"
          aria-label="Filter by channel or engine"
          value={filter}
          onChange={(event) => setFilter(event.target.value)}
        />
        <Select
          className="shrink-0"
          aria-label="Which streams"
          value={shown}
          onValue={setShown}
          options={[
            ['running', 'Playing'],
            ['ended', 'Ended'],
          ]}
        />
      </div>
      {shown === 'ended' ? (
        <EndedStreams filter={filter} />
      ) : loaded ? (
        <StreamTable
          streams={running}
          filter={filter}
          selection={canChange ? { chosen, onChoose: setChosen, nameOf: ({ key }) => shortId(key) } : undefined}
        />
      ) : (
        <div className="card">
          <Loading lines={8} />
        </div>
      )}
      {shown === 'running' && canChange && chosenStreams.length > 0 && (
        <ActionBar
          label="Selected streams"
          text={`${formatPlural(chosenStreams.length, 'stream')} selected, ${formatPlural(viewersOf(chosenStreams), 'viewer')}`}
        >
          <Button onClick={() => setChosen(new Set())}>Clear</Button>
          <StopStreamsButton streams={chosenStreams} onStopped={() => setChosen(new Set())} />
        </ActionBar>
      )}
    </>
  );
}
