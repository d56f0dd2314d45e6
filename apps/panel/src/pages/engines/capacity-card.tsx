import { useState } from 'react';
import { api } from '../../api/client.ts';
import { formatCount } from '../../format/number.ts';
import { useCanChange } from '../../live/use-can-change.ts';
import { useIsManaged } from '../../live/use-is-managed.ts';
import { useLive } from '../../live/use-live.ts';
import { Button } from '../../ui/button.tsx';
import { Card } from '../../ui/card.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field, Input } from '../../ui/field.tsx';
import { Facts } from '../../ui/stat.tsx';
import { Loading } from '../../ui/state-views.tsx';
import { toast } from '../../ui/toaster.tsx';

/** How much there is room for, and how many engines there are to be. */
export function CapacityCard() {
  const status = useLive((state) => state.status);
  const [scaling, setScaling] = useState(false);
  const canChange = useCanChange();
  const isManaged = useIsManaged();
  if (status === undefined) {
    return (
      <Card title="Capacity" flush>
        <Loading />
      </Card>
    );
  }
  const { capacity, provisioning, engines } = status;
  return (
    <Card
      title="Capacity"
      actions={
        canChange &&
        provisioning.can_provision && (
          <Button size="sm" onClick={() => setScaling(true)}>
            Scale…
          </Button>
        )
      }
    >
      <Facts
        facts={[
          ['Slots', formatCount(capacity.total)],
          ['Taken', formatCount(capacity.used)],
          ['Free', formatCount(capacity.available)],
          ['Channels waiting for one', formatCount(capacity.waiting)],
          ['Engines running', formatCount(engines.running)],
          // Others than its own the server neither makes nor removes.
          ...(isManaged
            ? [['Engines at least and at most', `${capacity.min_replicas} to ${capacity.max_replicas}`] as const]
            : []),
        ]}
      />
      <ScaleDialog
        open={scaling}
        onClose={() => setScaling(false)}
        now={engines.total}
        min={capacity.min_replicas}
        max={capacity.max_replicas}
      />
    </Card>
  );
}

interface ScaleDialogProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly now: number;
  readonly min: number;
  readonly max: number;
}

function ScaleDialog({ open, onClose, now, min, max }: ScaleDialogProps) {
  const [text, setText] = useState(String(now));
  const wanted = Number(text);
  const isGood = text.trim() !== '' && Number.isInteger(wanted) && wanted >= min && wanted <= max;
  return (
    <Confirm
      open={open}
      onOpenChange={onClose}
      title="How many engines?"
      action="Scale"
      destructive={false}
      onConfirm={async () => {
        if (!isGood) throw new RangeError(`Give a whole number from ${min} to ${max}.`);
        await api.POST('/api/v1/scale/{count}', { params: { path: { count: wanted } } });
        toast(`The pool goes to ${wanted} engines.`);
      }}
    >
      <p>Engines with streams are drained before they are removed; nobody is cut off.</p>
      <Field
        label="Engines"
        className="mt-4 text-text"
        error={isGood ? undefined : `A whole number from ${min} to ${max}.`}
        hint={`${now} now`}
      >
        {(control) => (
          <Input
            {...control}
            type="number"
            min={min}
            max={max}
            value={text}
            onChange={(event) => setText(event.target.value)}
          />
        )}
      </Field>
    </Confirm>
  );
}
