import { useQueryClient } from '@tanstack/react-query';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { api, body } from '../../api/client.ts';
import { formatPlural } from '../../format/number.ts';
import { Button } from '../../ui/button.tsx';
import { Confirm } from '../../ui/confirm.tsx';
import { Field, Select } from '../../ui/field.tsx';
import { toast } from '../../ui/toaster.tsx';

/** Deletes old entries. */
export function CleanUpButton() {
  const [open, setOpen] = useState(false);
  const [days, setDays] = useState('7');
  const queries = useQueryClient();
  const clean = async (): Promise<void> => {
    const { deleted } = await body(
      api.POST('/api/v1/events/cleanup', { params: { query: { max_age_days: Number(days) } } }),
    );
    toast(`${formatPlural(deleted, 'entry', 'entries')} deleted.`);
    await queries.invalidateQueries({ queryKey: ['events'] });
  };
  return (
    <>
      <Button onClick={() => setOpen(true)}>
        <Trash2 /> Clean up
      </Button>
      {open && (
        <Confirm open onOpenChange={setOpen} title="Delete old entries?" action="Delete" onConfirm={clean}>
          <p>They are gone for good. Streams and engines are not touched.</p>
          <Field label="Delete what is" className="mt-4 text-text">
            {(control) => (
              <Select
                {...control}
                value={days}
                onValue={setDays}
                options={[
                  ['30', 'older than 30 days'],
                  ['7', 'older than 7 days'],
                  ['1', 'older than a day'],
                  ['0', 'everything'],
                ]}
              />
            )}
          </Field>
        </Confirm>
      )}
    </>
  );
}
