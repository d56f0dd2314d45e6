import { CirclePlay, Droplets, RotateCw, Trash2 } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import { problemText } from '../api/api-problem.ts';
import { api } from '../api/client.ts';
import type { EngineState } from '../api/types.ts';
import { formatPlural } from '../format/number.ts';
import { useCanChange } from '../live/use-can-change.ts';
import { useIsManaged } from '../live/use-is-managed.ts';
import { useStreams } from '../live/use-live.ts';
import { viewersOf } from '../model/viewers-of.ts';
import { Confirm, type ConfirmProps } from '../ui/confirm.tsx';
import type { MenuItem } from '../ui/menu.tsx';
import { toast } from '../ui/toaster.tsx';

type Action = 'drain' | 'restart' | 'remove';

/** What can be done to an engine, each asked about first; nothing without the key. */
export function useEngineActions(engine: EngineState): {
  readonly items: readonly MenuItem[];
  readonly dialog: ReactNode;
} {
  const [asking, setAsking] = useState<Action>();
  const canChange = useCanChange();
  // Engines that somebody else runs can be spared and used again, no more.
  const isManaged = useIsManaged();
  const use: MenuItem = engine.draining
    ? { label: 'Resume', icon: CirclePlay, onSelect: () => void resume(engine) }
    : { label: 'Drain', icon: Droplets, onSelect: () => setAsking('drain') };
  const rule: readonly MenuItem[] = [
    { label: 'Restart', icon: RotateCw, onSelect: () => setAsking('restart') },
    { label: 'Remove', icon: Trash2, danger: true, onSelect: () => setAsking('remove') },
  ];
  return {
    items: canChange ? [use, ...(isManaged ? rule : [])] : [],
    dialog: asking && <ActionDialog engine={engine} action={asking} onClose={() => setAsking(undefined)} />,
  };
}

async function resume({ container_id, container_name }: EngineState): Promise<void> {
  try {
    await api.POST('/api/v1/engines/{id}/resume', { params: { path: { id: container_id } } });
    toast(`${container_name} takes streams again.`);
  } catch (error) {
    toast(problemText(error), { failed: true });
  }
}

interface ActionDialogProps {
  readonly engine: EngineState;
  readonly action: Action;
  readonly onClose: () => void;
}

function ActionDialog({ engine, action, onClose }: ActionDialogProps) {
  const playing = useStreams().filter(({ container_id }) => container_id === engine.container_id);
  const viewers = viewersOf(playing);
  const affected =
    playing.length === 0
      ? 'It plays nothing now.'
      : `It plays ${formatPlural(playing.length, 'stream')} for ${formatPlural(viewers, 'viewer')}.`;
  const name = engine.container_name;
  const params = { path: { id: engine.container_id } };
  const dialogs: Readonly<Record<Action, Omit<ConfirmProps, 'open' | 'onOpenChange'>>> = {
    drain: {
      title: `Drain ${name}?`,
      action: 'Drain engine',
      destructive: false,
      onConfirm: async () => {
        await api.POST('/api/v1/engines/{id}/drain', { params });
        toast(`${name} is draining.`);
      },
      children: `${affected} Its streams move to other engines where there is room, and it takes nothing new until it is resumed.`,
    },
    restart: {
      title: `Restart ${name}?`,
      action: 'Restart engine',
      onConfirm: async () => {
        await api.POST('/api/v1/engines/{id}/restart', { params });
        toast(`${name} restarts.`);
      },
      children: `${affected} Its streams move to other engines first; what finds no room is cut off.`,
    },
    remove: {
      title: `Remove ${name}?`,
      action: 'Remove engine',
      onConfirm: async () => {
        await api.DELETE('/api/v1/engines/{id}', { params });
        toast(`${name} was removed.`);
      },
      children: `${affected} Its streams move to other engines first; what finds no room is cut off. The container and its cache are deleted; if that leaves too few engines, a new one is started.`,
    },
  };
  return <Confirm open onOpenChange={onClose} {...dialogs[action]} />;
}
