import { CircleStop } from 'lucide-react';
import { useState } from 'react';
import { api, body } from '../api/client.ts';
import type { StreamState } from '../api/types.ts';
import { shortId } from '../format/content.ts';
import { formatPlural } from '../format/number.ts';
import { viewersOf } from '../model/viewers-of.ts';
import { Button } from '../ui/button.tsx';
import { Confirm } from '../ui/confirm.tsx';
import { toast } from '../ui/toaster.tsx';

/** Streams that are named in the question; more are counted. */
const named = 6;

export interface StopStreamsButtonProps {
  readonly streams: readonly StreamState[];
  /** Called when they are stopped. */
  readonly onStopped: () => void;
}

/** Stops several streams together, after saying which and whom that hits. */
export function StopStreamsButton({ streams, onStopped }: StopStreamsButtonProps) {
  const [open, setOpen] = useState(false);
  const viewers = viewersOf(streams);
  const what = formatPlural(streams.length, 'stream');
  const stop = async (): Promise<void> => {
    const results = await body(api.POST('/api/v1/streams/batch-stop', { body: streams.map(({ id }) => id) }));
    const stopped = results.filter(({ success }) => success).length;
    const over = results.length - stopped;
    toast(
      `${formatPlural(stopped, 'stream')} ${stopped === 1 ? 'was' : 'were'} stopped${over === 0 ? '' : `; ${over} had ended already`}.`,
    );
    onStopped();
  };
  return (
    <>
      <Button variant="quietDanger" onClick={() => setOpen(true)}>
        <CircleStop /> Stop {what}…
      </Button>
      <Confirm open={open} onOpenChange={setOpen} title={`Stop ${what}?`} action={`Stop ${what}`} onConfirm={stop}>
        <p>
          {viewers === 0
            ? 'Nobody watches them now.'
            : `${formatPlural(viewers, 'viewer')} will be cut off at once. Players that try again start them anew.`}
        </p>
        <ul className="mt-2 space-y-0.5">
          {streams.slice(0, named).map(({ id, key, clients }) => (
            <li key={id} className="flex justify-between gap-4">
              <span className="font-mono text-text">{shortId(key)}</span>
              <span className="num">{formatPlural(clients, 'viewer')}</span>
            </li>
          ))}
          {streams.length > named && <li>and {streams.length - named} more</li>}
        </ul>
      </Confirm>
    </>
  );
}
