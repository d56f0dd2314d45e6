import { CirclePlay } from 'lucide-react';
import { type FormEvent, useState } from 'react';
import { useLocation } from 'wouter';
import { contentOfStream, parseContent } from '../../format/content.ts';
import { useStreams } from '../../live/use-live.ts';
import { PlayCard } from '../../player/play-card.tsx';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { PageHeader } from '../../ui/page-header.tsx';
import { Empty } from '../../ui/state-views.tsx';
import { RunningList } from './running-list.tsx';

/** Plays any channel in the page: by a pasted id or link, or one that runs already. */
export default function PlayPage({ chosen }: { readonly chosen: string }) {
  const [, go] = useLocation();
  const [text, setText] = useState(chosen);
  const [tried, setTried] = useState(false);
  const content = parseContent(chosen);
  const isBad = tried && text.trim() !== '' && parseContent(text) === undefined;
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    setTried(true);
    const parsed = parseContent(text);
    if (parsed !== undefined) go(playPath(text.trim()));
  };
  const streams = useStreams();
  return (
    <>
      <PageHeader title="Play" hint="Any channel, here in the page or as a link for a player." />
      <div className="grid items-start gap-5 xl:grid-cols-5">
        <div className="min-w-0 space-y-5 xl:col-span-3">
          <Card>
            <form onSubmit={submit} className="flex items-start gap-2">
              <Field
                label="Channel"
                className="min-w-0 flex-1"
                hint="A content id, acestream:// link, infohash:…, magnet link, playback URL or the URL of a transport file"
                error={
                  isBad ? 'This is none of: 40 hex digits, acestream://…, infohash:…, magnet:…, http://…' : undefined
                }
              >
                {(control) => (
                  <Input
                    {...control}
                    className="w-full font-mono"
                    value={text}
                    spellCheck={false}
                    autoComplete="off"
                    placeholder="acestream://…"
                    onChange={(event) => setText(event.target.value)}
                  />
                )}
              </Field>
              <Button type="submit" variant="primary" className="mt-6">
                <CirclePlay /> Play
              </Button>
            </form>
          </Card>
          {content === undefined ? (
            <div className="card">
              <Empty icon={CirclePlay} title="Nothing chosen yet">
                Paste a channel above, or take one that runs.
              </Empty>
            </div>
          ) : (
            <PlayCard
              key={chosen}
              content={content}
              title={<span className="font-mono text-sm break-all">{content.value}</span>}
              autoStart
            />
          )}
        </div>
        <RunningList
          className="xl:col-span-2"
          streams={streams}
          onPick={(stream) => {
            const { parameter, value } = contentOfStream(stream.key_type, stream.key);
            const next = parameter === 'infohash' ? `infohash:${value}` : value;
            setText(next);
            go(playPath(next));
          }}
        />
      </div>
    </>
  );
}

function playPath(content: string): string {
  return `/play/${encodeURIComponent(content)}`;
}
