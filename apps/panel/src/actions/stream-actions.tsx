import { CircleStop, Shuffle } from 'lucide-react';
import { useState } from 'react';
import { api, body } from '../api/client.ts';
import type { StreamState } from '../api/types.ts';
import { shortId } from '../format/content.ts';
import { formatPlural } from '../format/number.ts';
import { useCanChange } from '../live/use-can-change.ts';
import { useEngines } from '../live/use-live.ts';
import { Confirm } from '../ui/confirm.tsx';
import { Field, Select } from '../ui/field.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toaster.tsx';

export interface StreamActions {
  readonly items: readonly MenuItem[];
  /** The open dialog, if any; put it anywhere in the page. */
  readonly dialog: React.ReactNode;
}

/** What can be done to a running stream, each asked about first; nothing without the key. */
export function useStreamActions(stream: StreamState): StreamActions {
  const [asking, setAsking] = useState<'stop' | 'move'>();
  const close = (): void => setAsking(undefined);
  const canChange = useCanChange();
  return {
    items: canChange
      ? [
          { label: 'Move', icon: Shuffle, onSelect: () => setAsking('move') },
          { label: 'Stop', icon: CircleStop, danger: true, onSelect: () => setAsking('stop') },
        ]
      : [],
    dialog: (
      <>
        {asking === 'stop' && <StopDialog stream={stream} onClose={close} />}
        {asking === 'move' && <MoveDialog stream={stream} onClose={close} />}
      </>
    ),
  };
}

interface DialogProps {
  readonly stream: StreamState;
  readonly onClose: () => void;
}

function StopDialog({ stream, onClose }: DialogProps) {
  const stop = async (): Promise<void> => {
    await body(api.DELETE('/api/v1/streams/{id}', { params: { path: { id: stream.id } } }));
    toast(`${shortId(stream.key)} was stopped.`);
  };
  return (
    <Confirm open onOpenChange={onClose} title={`Stop ${shortId(stream.key)}?`} action="Stop stream" onConfirm={stop}>
      {stream.clients === 0
        ? 'Nobody watches it now. The engine’s session ends and its slot is free.'
        : `${formatPlural(stream.clients, 'viewer')} will be cut off at once. The engine’s session ends and its slot is free. Players that try again start it anew.`}
    </Confirm>
  );
}

function MoveDialog({ stream, onClose }: DialogProps) {
  const engines = useEngines().filter(
    ({ container_id, ready, draining }) => container_id !== stream.container_id && ready && !draining,
  );
  const [target, setTarget] = useState('');
  const move = async (): Promise<void> => {
    await api.POST('/api/v1/streams/{id}/move', {
      params: { path: { id: stream.id } },
      body: target === '' ? {} : { container_id: target },
    });
    toast(
      `${shortId(stream.key)} moved to ${engines.find(({ container_id }) => container_id === target)?.container_name ?? 'another engine'}.`,
    );
  };
  return (
    <Confirm
      open
      onOpenChange={onClose}
      title={`Move ${shortId(stream.key)} to another engine?`}
      action="Move stream"
      destructive={false}
      onConfirm={move}
    >
      <p>
        {stream.clients === 0 ? 'Nobody watches it now.' : `${formatPlural(stream.clients, 'viewer')} stay connected.`}{' '}
        Where both engines send the same bytes nothing is seen of it; otherwise the picture jumps once.
      </p>
      {engines.every(({ leases, max_leases }) => leases >= max_leases) ? (
        <p className="mt-3 font-medium text-warn">
          {engines.length === 0
            ? 'No other engine is ready to take it.'
            : 'Every slot of the other engines is taken; it moves only where one becomes free.'}
        </p>
      ) : (
        <Field label="Engine" className="mt-4 text-text">
          {(control) => (
            <Select
              {...control}
              value={target}
              onValue={setTarget}
              options={[
                ['', 'The best one'],
                ...engines.map(
                  ({ container_id, container_name, leases, max_leases }) =>
                    [container_id, `${container_name} (${leases} of ${max_leases} slots taken)`] as const,
                ),
              ]}
            />
          )}
        </Field>
      )}
    </Confirm>
  );
}
