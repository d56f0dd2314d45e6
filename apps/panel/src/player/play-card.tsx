import { Download } from 'lucide-react';
import { ToggleGroup } from 'radix-ui';
import { type ReactNode, useState } from 'react';
import { useAddressParameter } from '../address/use-address.ts';
import { type ContentName, shortId } from '../format/content.ts';
import { useLive } from '../live/use-live.ts';
import { buttonClass } from '../ui/button.tsx';
import { Card } from '../ui/card.tsx';
import { CopyButton } from '../ui/copy-button.tsx';
import { Diagnosis } from './diagnosis.tsx';
import { type PlayFormat, playlistOf, playUrl } from './play-urls.ts';
import { Player } from './player.tsx';

export interface PlayCardProps {
  readonly content: ContentName;
  readonly autoStart?: boolean;
  readonly title?: ReactNode;
}

/** A channel: in the page, as URLs to copy, as a file, and why it does not play when it does not. */
export function PlayCard({ content, autoStart = false, title = 'Play it here' }: PlayCardProps) {
  const [asked, setFormat] = useAddressParameter('format', 'ts');
  const format: PlayFormat = asked === 'hls' ? 'hls' : 'ts';
  const needsToken = useLive(({ status }) => status?.config['auth_playback'] === 'key');
  const [failedAt, setFailedAt] = useState<number>();
  return (
    <Card
      title={title}
      actions={
        <ToggleGroup.Root
          type="single"
          value={format}
          aria-label="Format"
          onValueChange={(value) => value !== '' && setFormat(value)}
          className="flex rounded-lg bg-muted/10 p-0.5"
        >
          {(['ts', 'hls'] as const).map((each) => (
            <ToggleGroup.Item
              key={each}
              value={each}
              className="rounded-md px-2.5 py-1 text-xs font-medium text-muted data-[state=on]:bg-surface data-[state=on]:text-text data-[state=on]:shadow-card"
            >
              {each === 'ts' ? 'MPEG-TS' : 'HLS'}
            </ToggleGroup.Item>
          ))}
        </ToggleGroup.Root>
      }
    >
      <Player
        content={content}
        format={format}
        autoStart={autoStart}
        onOutcome={(outcome) => setFailedAt(outcome === 'failed' ? Date.now() : undefined)}
      />
      {failedAt !== undefined && <Diagnosis content={content} failedAt={failedAt} />}
      <ul className="mt-3 space-y-1.5">
        <UrlLine label="MPEG-TS" url={playUrl(content, 'ts')} />
        <UrlLine label="HLS" url={playUrl(content, 'hls')} />
      </ul>
      {needsToken && (
        <p className="mt-2 text-sm text-muted">
          A player needs a token here: add <code className="font-mono text-xs">&amp;token=…</code> to the URL. Tokens
          are made in the{' '}
          <a className="text-accent underline underline-offset-4" href="#/settings">
            settings
          </a>
          .
        </p>
      )}
      <a
        className={`${buttonClass({ size: 'sm' })} mt-3`}
        download={`${shortId(content.value).replace('…', '-')}.m3u`}
        href={`data:audio/x-mpegurl;charset=utf-8,${encodeURIComponent(
          playlistOf(shortId(content.value, 8), playUrl(content, format)),
        )}`}
      >
        <Download /> Download .m3u
      </a>
    </Card>
  );
}

function UrlLine({ label, url }: { readonly label: string; readonly url: string }) {
  return (
    <li className="flex items-center gap-2 rounded-lg bg-sunken pr-1 pl-3">
      <span className="w-14 shrink-0 text-xs text-muted">{label}</span>
      <code className="min-w-0 flex-1 truncate font-mono text-xs" title={url}>
        {url}
      </code>
      <CopyButton text={url} label={`${label} URL`} />
    </li>
  );
}
