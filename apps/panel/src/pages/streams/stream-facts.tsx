import type { ReactNode } from 'react';
import { hrefTo } from '../../address/page-href.ts';
import type { StreamState } from '../../api/types.ts';
import { formatBytes } from '../../format/amount.ts';
import { formatDuration } from '../../format/time.ts';
import { useEngineName } from '../../live/use-live.ts';
import { heldMs } from '../../model/livepos.ts';
import { Card } from '../../ui/card.tsx';
import { CopyButton } from '../../ui/copy-button.tsx';
import { RelativeTime } from '../../ui/relative-time.tsx';
import { Facts } from '../../ui/stat.tsx';

const keyTypes = {
  content_id: 'Content id',
  infohash: 'Infohash',
  url: 'Transport file',
  magnet: 'Magnet link',
} as const;

/** What a stream is: its names, its engine, its sums. */
export function StreamFacts({ stream }: { readonly stream: StreamState }) {
  const engine = useEngineName(stream.container_id);
  return (
    <Card title="Identity">
      <Facts
        facts={[
          [
            'Engine',
            <a key="engine" className="text-accent hover:underline" href={hrefTo('engines', stream.container_id)}>
              {engine}
            </a>,
          ],
          ['Started', <RelativeTime key="started" at={stream.started_at} />],
          ...(stream.ended_at === null ? [] : [['Ended', <RelativeTime key="ended" at={stream.ended_at} />] as const]),
          ['Held by the engine', formatDuration(heldMs(stream.livepos))],
          ['Downloaded by the engine', formatBytes(stream.downloaded)],
          ['Uploaded by the engine', formatBytes(stream.uploaded)],
          [keyTypes[stream.key_type], <Copyable key="key" text={stream.key} label={keyTypes[stream.key_type]} />],
          ['Infohash', <Copyable key="infohash" text={stream.infohash} label="infohash" />],
          ...(stream.stat_url === null
            ? []
            : [['Stat URL', <Copyable key="stat" text={stream.stat_url} label="stat URL" />] as const]),
        ]}
      />
    </Card>
  );
}

function Copyable({ text, label }: { readonly text: string; readonly label: string }): ReactNode {
  return (
    <span className="flex min-w-0 items-center justify-end gap-1">
      <code className="min-w-0 truncate font-mono text-xs" title={text}>
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </span>
  );
}
