import { Plus } from 'lucide-react';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useLive } from '../../live/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { toast } from '../../ui/toaster.tsx';

/** Starts one more engine, where the server starts engines at all. */
export function ProvisionButton() {
  const [open, setOpen] = useState(false);
  const can = useLive((state) => state.status?.provisioning.can_provision ?? false);
  const canChange = useCanChange();
  const provision = async (): Promise<void> => {
    const made = await body(api.POST('/api/v1/provision/acestream', { body: {} }));
    toast(`${made.container_name} was started.`);
  };
  if (!canChange || !can) return null;
  return (
    <>
      <Button variant="primary" onClick={() => setOpen(true)}>
        <Plus /> Start an engine
      </Button>
      <Confirm
        open={open}
        onOpenChange={setOpen}
        title="Start another engine?"
        action="Start engine"
        destructive={false}
        onConfirm={provision}
      >
        It is ready within a minute, and goes again when nobody needs it. An image that is not there yet is pulled
        first.
      </Confirm>
    </>
  );
}
