import { Droplets, RotateCw, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { request } from '../api/request.ts';
import type { EngineState } from '../api/types.ts';
import { formatPlural } from '../format/number.ts';
import { useStreams } from '../live/use-live.ts';
import { Confirm, type ConfirmProps } from '../ui/confirm.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toaster.tsx';

type Action = 'drain' | 'restart' | 'remove';

/** What can be done to an engine, each asked about first. */
export function useEngineActions(engine: EngineState): {
  readonly items: readonly MenuItem[];
  readonly dialog: ReactNode;
} {
  const [asking, setAsking] = useState<Action>();
  return {
    items: [
      { label: 'Drain', icon: Droplets, disabled: engine.draining, onSelect: () => setAsking('drain') },
      { label: 'Restart', icon: RotateCw, onSelect: () => setAsking('restart') },
      { label: 'Remove', icon: Trash2, danger: true, onSelect: () => setAsking('remove') },
    ],
    dialog: asking && <ActionDialog engine={engine} action={asking} onClose={() => setAsking(undefined)} />,
  };
}

interface ActionDialogProps {
  readonly engine: EngineState;
  readonly action: Action;
  readonly onClose: () => void;
}

function ActionDialog({ engine, action, onClose }: ActionDialogProps) {
  const playing = useStreams().filter(({ container_id }) => container_id === engine.container_id);
  const viewers = playing.reduce((sum, { clients }) => sum + clients, 0);
  const affected =
    playing.length === 0
      ? 'It plays nothing now.'
      : `It plays ${formatPlural(playing.length, 'stream')} for ${formatPlural(viewers, 'viewer')}.`;
  const name = engine.container_name;
  const path = encodeURIComponent(engine.container_id);
  const dialogs: Readonly<Record<Action, Omit<ConfirmProps, 'open' | 'onOpenChange'>>> = {
    drain: {
      title: `Drain ${name}?`,
      action: 'Drain engine',
      destructive: false,
      onConfirm: async () => {
        await request('POST', `engines/${path}/drain`);
        toast(`${name} is draining.`);
      },
      children: `${affected} It takes nothing new, and its streams move to other engines where there is room.`,
    },
    restart: {
      title: `Restart ${name}?`,
      action: 'Restart engine',
      onConfirm: async () => {
        await request('POST', `engines/${path}/restart`);
        toast(`${name} restarts.`);
      },
      children: `${affected} They go on from another engine if one is free; otherwise they freeze until one is.`,
    },
    remove: {
      title: `Remove ${name}?`,
      action: 'Remove engine',
      onConfirm: async () => {
        await request('DELETE', `containers/${path}`);
        toast(`${name} was removed.`);
      },
      children: `${affected} The container and its cache are deleted. If that leaves too few engines, a new one is started.`,
    },
  };
  return <Confirm open onOpenChange={onClose} {...dialogs[action]} />;
}
